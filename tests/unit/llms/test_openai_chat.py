import json
import logging
from collections.abc import Iterator

import pytest

from memos.errors import ModelReplyError, ModelUnavailableError
from memos.llms.base import Piece, Turn
from memos.llms.capability import Capability
from memos.llms.factory import build_llm
from memos.llms.openai import ChatEndpoint, OpenAIChat
from memos.types.clock import SystemClock
from scripted_model import Answer, ScriptedModel, refusal, reply, scripted_model, stream

ASK = [Turn("system", "Be brief."), Turn("user", "What is blue? 颜色")]
SCHEMA = {"type": "object", "properties": {"colour": {"type": "string"}}}


@pytest.fixture
def server() -> Iterator[ScriptedModel]:
    with scripted_model() as model:
        yield model


@pytest.fixture
def chat(server: ScriptedModel) -> Iterator[OpenAIChat]:
    chat = build_llm("m-1", api_base=server.url, api_key="sk-secret", timeout_s=5)
    yield chat
    chat.close()


def test_a_reply_carries_text_and_token_counts(server: ScriptedModel, chat: OpenAIChat) -> None:
    server.script(reply("The sky. 天空"))
    answer = chat.complete(ASK, max_tokens=50, temperature=0.0)
    assert (answer.text, answer.prompt_tokens, answer.completion_tokens) == ("The sky. 天空", 7, 3)
    asked = server.requests[0]
    assert asked.path == "/v1/chat/completions"
    assert asked.headers["authorization"] == "Bearer sk-secret"
    assert asked.body["model"] == "m-1"
    assert (asked.body["max_tokens"], asked.body["temperature"]) == (50, 0.0)
    assert asked.body["messages"] == [{"role": t.role, "content": t.content} for t in ASK]
    assert "response_format" not in asked.body


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_failure_is_tried_again(
    server: ScriptedModel, chat: OpenAIChat, status: int
) -> None:
    server.script(refusal(status), reply("now"))
    assert chat.complete(ASK).text == "now"
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [500, 401, 404, 429])
def test_a_lasting_refusal_is_unavailable_and_keeps_the_servers_words_out(
    server: ScriptedModel, chat: OpenAIChat, status: int
) -> None:
    server.fallback = lambda _: refusal(status, "Incorrect API key provided: sk-secret")
    with pytest.raises(ModelUnavailableError) as caught:
        chat.complete(ASK)
    assert str(status) in caught.value.message
    assert "sk-secret" not in caught.value.message


def test_a_server_that_never_answers_times_out(server: ScriptedModel) -> None:
    endpoint = ChatEndpoint("m-1", api_base=server.url, timeout_s=0.05, max_retries=0)
    chat = OpenAIChat(endpoint, SystemClock())
    server.script(Answer(hang=True))
    with pytest.raises(ModelUnavailableError, match="in time"):
        chat.complete(ASK)
    chat.close()


def test_nobody_listening_is_unavailable() -> None:
    with scripted_model() as gone:
        url = gone.url
    chat = build_llm("m-1", api_base=url, max_retries=0)
    with pytest.raises(ModelUnavailableError, match="reached"):
        chat.complete(ASK)
    chat.close()


@pytest.mark.parametrize(
    "answer",
    [
        reply(""),
        reply("  \n"),
        reply(None),
        reply("<think>only thoughts, cut off"),
        Answer(body={"choices": []}),
        Answer(body={}),
        Answer(body=[1]),
        Answer(body=b'{"choices": [{"mess'),
        Answer(body=b"<html>", headers={"x": "y"}),
    ],
    ids=["empty", "blank", "null", "thoughts", "no choice", "no field", "list", "cut", "page"],
)
def test_an_unusable_answer_is_a_reply_error(
    server: ScriptedModel, chat: OpenAIChat, answer: Answer
) -> None:
    server.script(answer)
    with pytest.raises(ModelReplyError):
        chat.complete(ASK)


def test_truncated_json_is_passed_on_for_the_reader_to_repair(
    server: ScriptedModel, chat: OpenAIChat
) -> None:
    server.script(reply('{"colour": "bl'))
    assert chat.complete(ASK, schema=SCHEMA).text == '{"colour": "bl'


def test_a_schema_is_sent_as_the_wanted_form(server: ScriptedModel, chat: OpenAIChat) -> None:
    server.script(reply("{}"))
    chat.complete(ASK, schema=SCHEMA)
    wanted = server.requests[0].body["response_format"]
    assert (wanted["type"], wanted["json_schema"]["schema"]) == ("json_schema", SCHEMA)


def test_a_server_that_refuses_schemas_is_asked_in_weaker_forms_and_remembered(
    server: ScriptedModel, chat: OpenAIChat
) -> None:
    server.script(refusal(400), refusal(422), reply('{"colour": "blue"}'), reply("{}"))
    assert chat.complete(ASK, schema=SCHEMA).text == '{"colour": "blue"}'
    forms = [r.body.get("response_format", {}).get("type") for r in server.requests]
    assert forms == ["json_schema", "json_object", None]
    assert json.dumps(SCHEMA) in server.requests[2].body["messages"][-1]["content"]
    chat.complete(ASK, schema=SCHEMA)
    assert len(server.requests) == 4
    assert "response_format" not in server.requests[3].body


def test_a_refused_prompt_does_not_weaken_later_calls(
    server: ScriptedModel, chat: OpenAIChat
) -> None:
    server.script(refusal(400), refusal(400), refusal(400), reply("{}"))
    with pytest.raises(ModelUnavailableError, match="400"):
        chat.complete(ASK, schema=SCHEMA)
    chat.complete(ASK, schema=SCHEMA)
    assert server.requests[-1].body["response_format"]["type"] == "json_schema"


def test_reasoning_is_split_off_wherever_the_server_puts_it(
    server: ScriptedModel, chat: OpenAIChat
) -> None:
    server.script(
        reply("<think>sky?\nyes</think>\n\nBlue."), reply("Blue.", reasoning_content="sky? yes")
    )
    first, second = chat.complete(ASK), chat.complete(ASK)
    assert (first.text, first.reasoning) == ("Blue.", "sky?\nyes")
    assert (second.text, second.reasoning) == ("Blue.", "sky? yes")


def test_a_stream_comes_in_pieces_its_reasoning_apart(
    server: ScriptedModel, chat: OpenAIChat
) -> None:
    server.script(stream("<th", "ink>hm", "m</thi", "nk>\n", "Bl", "ue", "."))
    pieces = list(chat.stream(ASK, temperature=0.5, top_p=0.9))
    assert [p.text for p in pieces if not p.reasoning] == ["Bl", "ue", "."]
    assert "".join(p.text for p in pieces if p.reasoning) == "hmm"
    assert server.requests[0].body["top_p"] == 0.9
    assert server.requests[0].body["stream"] is True
    assert server.requests[0].body["temperature"] == 0.5


def test_a_stream_that_breaks_raises_after_its_pieces(
    server: ScriptedModel, chat: OpenAIChat
) -> None:
    server.script(stream("Bl", break_off=True))
    pieces = chat.stream(ASK)
    assert next(pieces) == Piece("Bl")
    with pytest.raises(ModelUnavailableError):
        next(pieces)


def test_reasoning_that_the_server_sends_apart_is_streamed_apart(
    server: ScriptedModel, chat: OpenAIChat
) -> None:
    apart = [{"choices": [{"delta": {"reasoning_content": text}}]} for text in ("hm", "m")]
    server.script(stream(*apart, "Blue."))
    thought = [Piece("hm", reasoning=True), Piece("m", reasoning=True)]
    assert list(chat.stream(ASK)) == [*thought, Piece("Blue.")]


def test_a_stream_of_nothing_but_thinking_is_a_reply_error(
    server: ScriptedModel, chat: OpenAIChat
) -> None:
    server.script(stream("<think>never", " ends"))
    with pytest.raises(ModelReplyError):
        list(chat.stream(ASK))


def test_chunks_without_text_add_nothing(server: ScriptedModel, chat: OpenAIChat) -> None:
    usage = {"object": "chat.completion.chunk", "choices": [], "usage": {}}
    server.script(
        stream({"choices": [{"delta": {"role": "assistant"}}]}, {"choices": [{}]}, "a", usage)
    )
    assert list(chat.stream(ASK)) == [Piece("a")]


def test_the_start_of_a_tag_that_never_comes_is_part_of_the_answer(
    server: ScriptedModel, chat: OpenAIChat
) -> None:
    server.script(stream("<th"))
    assert list(chat.stream(ASK)) == [Piece("<th")]


def test_an_error_in_the_stream_is_unavailable(server: ScriptedModel, chat: OpenAIChat) -> None:
    server.script(stream("a", {"error": {"message": "sk-secret"}}))
    pieces = chat.stream(ASK)
    assert next(pieces) == Piece("a")
    with pytest.raises(ModelUnavailableError, match="broke off"):
        next(pieces)


def test_a_stream_of_nothing_is_a_reply_error(server: ScriptedModel, chat: OpenAIChat) -> None:
    server.script(stream())
    with pytest.raises(ModelReplyError):
        list(chat.stream(ASK))


def test_a_refused_stream_is_unavailable(server: ScriptedModel, chat: OpenAIChat) -> None:
    server.fallback = lambda _: refusal(401)
    with pytest.raises(ModelUnavailableError, match="401"):
        list(chat.stream(ASK))


def test_a_stream_left_early_releases_its_connection(
    server: ScriptedModel, chat: OpenAIChat
) -> None:
    server.script(stream("a", "b", "c"), reply("next"))
    pieces = chat.stream(ASK)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert chat.complete(ASK).text == "next"


def test_lone_surrogates_reach_the_server_as_question_marks(
    server: ScriptedModel, chat: OpenAIChat
) -> None:
    chat.complete([Turn("user", "a\ud83db")])
    assert server.requests[0].body["messages"][0]["content"] == "a?b"


def test_extra_body_goes_along_with_every_request(server: ScriptedModel) -> None:
    endpoint = ChatEndpoint("m", api_base=server.url, extra_body={"enable_thinking": False})
    chat = OpenAIChat(endpoint, SystemClock())
    chat.complete(ASK)
    assert server.requests[0].body["enable_thinking"] is False
    assert server.requests[0].headers["authorization"] == "Bearer none"
    chat.close()


def test_the_log_holds_counts_but_neither_prompt_nor_answer_nor_key(
    server: ScriptedModel, chat: OpenAIChat, caplog: pytest.LogCaptureFixture
) -> None:
    server.script(reply("zanzibar"))
    with caplog.at_level(logging.INFO, logger="memos"):
        chat.complete([Turn("user", "quokka")])
    record = next(r for r in caplog.records if r.name == "memos.llms.prompt")
    assert (record.__dict__["model"], record.__dict__["completion_tokens"]) == ("m-1", 3)
    held = str([r.__dict__ for r in caplog.records if r.name.startswith("memos")])
    assert not any(word in held for word in ("zanzibar", "quokka", "sk-secret"))
    assert "sk-secret" not in repr(chat._endpoint)


def refusal_of(parameter: str, *, named: bool) -> Answer:
    error = {"message": f"Unsupported parameter: '{parameter}'", "type": "invalid_request_error"}
    return Answer(status=400, body={"error": error | ({"param": parameter} if named else {})})


@pytest.mark.parametrize("named", [True, False])
def test_parameters_a_model_refuses_are_left_out_from_then_on(
    server: ScriptedModel, chat: OpenAIChat, named: bool
) -> None:
    server.script(
        refusal_of("temperature", named=named),
        refusal_of("max_tokens", named=named),
        reply("{}"),
        reply("{}"),
    )
    chat.complete(ASK, schema=SCHEMA, temperature=0.0, max_tokens=9)
    chat.complete(ASK, schema=SCHEMA, temperature=0.0, max_tokens=9)
    for asked in (server.requests[2].body, server.requests[3].body):
        assert "temperature" not in asked
        assert "max_tokens" not in asked
        assert asked["max_completion_tokens"] == 9
        assert asked["response_format"]["type"] == "json_schema"
    assert len(server.requests) == 4


def test_a_server_known_by_its_address_is_asked_as_it_likes() -> None:
    own = OpenAIChat(ChatEndpoint("o"), SystemClock())
    assert own._accepted.token_field == "max_completion_tokens"
    address = "https://dashscope.aliyuncs.com/compatible-mode/v1"
    qwen = OpenAIChat(ChatEndpoint("q", api_base=address), SystemClock())
    assert qwen._accepted.form == "json_object"


def test_counts_come_last_in_a_stream_of_a_server_that_tells_them(server: ScriptedModel) -> None:
    endpoint = ChatEndpoint("m", api_base=server.url)
    chat = OpenAIChat(endpoint, SystemClock(), Capability(counts_streams=True))
    usage = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}
    server.script(stream("a", usage), refusal_of("stream_options", named=False), stream("b"))
    assert list(chat.stream(ASK)) == [
        Piece("a"),
        Piece("", prompt_tokens=7, completion_tokens=3),
    ]
    assert list(chat.stream(ASK)) == [Piece("b")]
    asked = ["stream_options" in request.body for request in server.requests]
    assert asked == [True, True, False]
    chat.close()
