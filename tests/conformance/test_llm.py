"""What every language model must do, whatever protocol is behind it, and however it misbehaves."""

import base64
import json
import threading
from collections.abc import Iterator

import pytest

from memos.errors import ModelRefusedError, ModelReplyError, ModelUnavailableError
from memos.llms.base import LLM, Picture, Turn
from memos.llms.factory import LLMFactory
from model_protocols import PROTOCOLS, Protocol, configuration
from scripted_model import Answer, ScriptedModel, refusal, scripted_model

ASK = [Turn("system", "Be brief."), Turn("user", "What is blue? 颜色")]
SCHEMA = {
    "type": "object",
    "properties": {"colour": {"type": "string"}},
    "required": ["colour"],
    "additionalProperties": False,
}


@pytest.fixture
def server() -> Iterator[ScriptedModel]:
    with scripted_model() as model:
        yield model


@pytest.fixture(params=PROTOCOLS, ids=lambda p: p.name)
def protocol(request: pytest.FixtureRequest) -> Protocol:
    return request.param


@pytest.fixture
def llm(protocol: Protocol, server: ScriptedModel) -> Iterator[LLM]:
    made = LLMFactory.from_config(configuration(protocol, server.url))
    yield made
    made.close()


def test_a_reply_carries_text_counts_and_what_was_asked(
    protocol: Protocol, server: ScriptedModel, llm: LLM
) -> None:
    server.script(protocol.reply("The sky. 天空"))
    answer = llm.complete(ASK, max_tokens=50, temperature=0.0)
    assert (answer.text, answer.prompt_tokens, answer.completion_tokens) == ("The sky. 天空", 7, 3)
    told = protocol.told(server.requests[0])
    assert (told.model, told.system, told.max_tokens, told.temperature) == (
        "m-1",
        "Be brief.",
        50,
        0.0,
    )
    assert told.texts == ["Be brief.", "What is blue? 颜色"]
    assert "sk-secret" in told.key


def test_values_of_the_configuration_hold_where_a_call_says_nothing(
    protocol: Protocol, server: ScriptedModel
) -> None:
    config = configuration(protocol, server.url, temperature=0.3, max_tokens=11)
    llm = LLMFactory.from_config(config)
    server.script(protocol.reply("a"), protocol.reply("b"))
    llm.complete(ASK)
    llm.complete(ASK, max_tokens=5, temperature=1.0)
    told = [protocol.told(request) for request in server.requests]
    assert [(t.max_tokens, t.temperature) for t in told] == [(11, 0.3), (5, 1.0)]
    llm.close()


def test_reasoning_is_split_off_wherever_it_stands(
    protocol: Protocol, server: ScriptedModel, llm: LLM
) -> None:
    server.script(
        protocol.reply("<think>sky?</think>\n\nBlue."), protocol.reply("Blue.", thinking="sky?")
    )
    for _ in range(2):
        answer = llm.complete(ASK)
        assert (answer.text, answer.reasoning) == ("Blue.", "sky?")


def test_reasoning_may_be_kept(protocol: Protocol, server: ScriptedModel) -> None:
    config = configuration(protocol, server.url, remove_think_prefix=False)
    llm = LLMFactory.from_config(config)
    server.script(protocol.reply("<think>sky?</think>Blue."))
    assert llm.complete(ASK).text == "<think>sky?</think>Blue."
    llm.close()


def test_with_a_schema_the_text_is_json_of_that_form(
    protocol: Protocol, server: ScriptedModel, llm: LLM
) -> None:
    server.script(protocol.structured({"colour": "蓝"}))
    assert json.loads(llm.complete(ASK, schema=SCHEMA).text) == {"colour": "蓝"}
    assert "colour" in json.dumps(server.requests[0].body)


def test_pictures_reach_the_model(protocol: Protocol, server: ScriptedModel, llm: LLM) -> None:
    picture = Picture(b"\x89PNG\r\n", "image/png")
    server.script(protocol.reply("a cat"))
    llm.complete([Turn("user", "What is this?", (picture,))])
    told = protocol.told(server.requests[0])
    assert len(told.pictures) == 1
    assert base64.b64encode(picture.data).decode() in told.pictures[0]
    assert "What is this?" in told.texts


def test_a_stream_parts_thinking_from_text_and_ends_with_counts(
    protocol: Protocol, server: ScriptedModel, llm: LLM
) -> None:
    server.script(protocol.stream(["<th", "ink>hm", "m</thi", "nk>\n", "Bl", "ue", "."]))
    pieces = list(llm.stream(ASK, temperature=0.5))
    assert "".join(p.text for p in pieces if p.reasoning) == "hmm"
    assert [p.text for p in pieces if p.text and not p.reasoning] == ["Bl", "ue", "."]
    assert protocol.told(server.requests[0]).temperature == 0.5
    if protocol.counts_streams:
        assert (pieces[-1].prompt_tokens, pieces[-1].completion_tokens) == (7, 3)


def test_a_stream_that_breaks_raises_after_its_pieces(
    protocol: Protocol, server: ScriptedModel, llm: LLM
) -> None:
    server.script(protocol.stream(["Bl"], break_off=True))
    pieces = llm.stream(ASK)
    assert next(pieces).text == "Bl"
    with pytest.raises(ModelUnavailableError):
        list(pieces)
    assert len(server.requests) == 1


def test_a_stream_of_nothing_is_a_reply_error(
    protocol: Protocol, server: ScriptedModel, llm: LLM
) -> None:
    server.script(protocol.stream([]))
    with pytest.raises(ModelReplyError):
        list(llm.stream(ASK))


def test_a_stream_left_early_releases_its_connection(
    protocol: Protocol, server: ScriptedModel, llm: LLM
) -> None:
    server.script(protocol.stream(["a", "b", "c"]), protocol.reply("next"))
    pieces = llm.stream(ASK)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert llm.complete(ASK).text == "next"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_failure_is_tried_again(
    protocol: Protocol, server: ScriptedModel, llm: LLM, status: int
) -> None:
    server.script(refusal(status), protocol.reply("now"))
    assert llm.complete(ASK).text == "now"
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_a_lasting_refusal_is_unavailable_and_keeps_the_servers_words_out(
    protocol: Protocol, server: ScriptedModel, llm: LLM, status: int
) -> None:
    server.fallback = lambda _: refusal(status, "Incorrect API key provided: sk-secret")
    for call in (lambda: llm.complete(ASK), lambda: list(llm.stream(ASK))):
        with pytest.raises(ModelUnavailableError) as caught:
            call()
        assert str(status) in caught.value.message
        assert "sk-secret" not in caught.value.message
        assert not isinstance(caught.value, ModelRefusedError)


def test_a_pause_the_server_asks_for_is_told_to_who_calls(
    protocol: Protocol, server: ScriptedModel
) -> None:
    llm = LLMFactory.from_config(configuration(protocol, server.url, max_retries=0))
    server.script(Answer(status=429, body={"error": "slow"}, headers={"retry-after": "120"}))
    with pytest.raises(ModelUnavailableError) as caught:
        llm.complete(ASK)
    assert caught.value.retry_after_s == 120
    llm.close()


def test_a_refusal_of_this_very_request_is_told_apart(
    protocol: Protocol, server: ScriptedModel, llm: LLM
) -> None:
    server.fallback = lambda _: refusal(413, "prompt is too long")
    with pytest.raises(ModelRefusedError, match="413"):
        llm.complete(ASK)
    assert len(server.requests) == 1


def test_a_server_that_never_answers_times_out(protocol: Protocol, server: ScriptedModel) -> None:
    config = configuration(protocol, server.url, timeout_s=0.05, max_retries=0)
    llm = LLMFactory.from_config(config)
    server.script(Answer(hang=True))
    with pytest.raises(ModelUnavailableError, match="in time"):
        llm.complete(ASK)
    llm.close()


def test_nobody_listening_is_unavailable(protocol: Protocol) -> None:
    with scripted_model() as gone:
        url = gone.url
    llm = LLMFactory.from_config(configuration(protocol, url, max_retries=0))
    with pytest.raises(ModelUnavailableError, match="reached"):
        llm.complete(ASK)
    llm.close()


@pytest.mark.parametrize(
    "text", ["", "  \n", "<think>only thoughts, cut off"], ids=["empty", "blank", "thoughts"]
)
def test_an_answer_without_text_is_a_reply_error(
    protocol: Protocol, server: ScriptedModel, llm: LLM, text: str
) -> None:
    server.script(protocol.reply(text))
    with pytest.raises(ModelReplyError):
        llm.complete(ASK)


@pytest.mark.parametrize(
    "body",
    [{}, [1], {"message": 3}, {"content": 3}, {"choices": []}, b'{"mess', b"<html>"],
    ids=["no field", "list", "odd message", "odd content", "no choice", "cut", "page"],
)
def test_an_answer_of_another_form_is_a_reply_error(
    protocol: Protocol, server: ScriptedModel, llm: LLM, body: object
) -> None:
    server.script(Answer(body=body))
    with pytest.raises(ModelReplyError):
        llm.complete(ASK)


def test_lone_surrogates_reach_the_server_as_question_marks(
    protocol: Protocol, server: ScriptedModel, llm: LLM
) -> None:
    server.script(protocol.reply("ok"))
    llm.complete([Turn("user", "a\ud83db")])
    assert protocol.told(server.requests[0]).texts == ["a?b"]


def test_eight_threads_get_the_answers_to_their_own_questions(
    protocol: Protocol, server: ScriptedModel, llm: LLM
) -> None:
    server.fallback = lambda request: protocol.reply(protocol.told(request).texts[-1])
    got: dict[int, list[str]] = {n: [] for n in range(8)}

    def run(n: int) -> None:
        got[n] = [llm.complete([Turn("user", f"thread {n} asks {i}")]).text for i in range(4)]

    threads = [threading.Thread(target=run, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == {n: [f"thread {n} asks {i}" for i in range(4)] for n in range(8)}


def test_it_may_be_closed_twice_and_used_again(
    protocol: Protocol, server: ScriptedModel, llm: LLM
) -> None:
    llm.close()
    llm.close()
    server.script(protocol.reply("again"))
    assert llm.complete(ASK).text == "again"
