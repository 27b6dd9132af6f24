"""What a language model in this process must do: over a written engine, and over transformers."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from memos.errors import ConfigError, ModelRefusedError, ModelReplyError, ModelUnavailableError
from memos.llms.base import Picture, Turn
from memos.llms.factory import LLMFactory
from memos.llms.huggingface import HuggingFaceChat, LocalModel
from memos.llms.prompt import Manner
from memos.types.clock import SystemClock
from tests.tiny_models import write_language_model

ASK = [Turn("system", "Be brief."), Turn("user", "What is blue? 颜色 \ud83d")]


class Engine:
    """Answers with a text piece by piece, and notes what it was asked."""

    def __init__(self, text: str = "The sky.") -> None:
        self.text = text
        self.prompts: list[str] = []
        self.manners: list[Manner] = []
        self.running = self.most = 0

    def render(self, turns: Sequence[Turn]) -> str:
        return "\n".join(f"{turn.role}: {turn.content}" for turn in turns)

    def generate(self, prompt: str, manner: Manner, stop: threading.Event) -> Iterator[str]:
        self.prompts.append(prompt)
        self.manners.append(manner)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            for character in self.text:
                if stop.is_set():
                    return
                yield character
        finally:
            self.running -= 1

    def count(self, text: str) -> int:
        return len(text)


def chat(engine: Engine) -> HuggingFaceChat:
    return HuggingFaceChat(LocalModel("models/tiny"), SystemClock(), load=lambda _: engine)


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("transformers", reason="needs torch, which CI does without")
    pytest.importorskip("torch", reason="CI does without")
    return write_language_model(tmp_path_factory.mktemp("llm") / "tiny-llama")


@pytest.fixture(params=["engine", "transformers"])
def local(request: pytest.FixtureRequest) -> Iterator[HuggingFaceChat]:
    if request.param == "engine":
        made = chat(Engine("The sky, and some more of it."))
    else:
        folder = str(request.getfixturevalue("model_folder"))
        config = {"model_name_or_path": folder, "device": "auto", "max_tokens": 24}
        made = LLMFactory.from_config({"backend": "huggingface", "config": config})
    yield made
    made.close()


def test_it_answers_and_counts(local: HuggingFaceChat) -> None:
    reply = local.complete(ASK, max_tokens=24)
    assert reply.text
    assert reply.prompt_tokens > 10
    assert reply.completion_tokens > 0


def test_without_a_temperature_the_same_question_gets_the_same_answer(
    local: HuggingFaceChat,
) -> None:
    assert local.complete(ASK).text == local.complete(ASK).text


def test_a_stream_says_what_a_whole_answer_says(local: HuggingFaceChat) -> None:
    pieces = list(local.stream(ASK))
    said = "".join(p.text for p in pieces if not p.reasoning).strip()
    assert said == local.complete(ASK).text
    assert [p for p in pieces if p.text]
    assert pieces[-1].completion_tokens > 0


def test_a_stream_left_early_lets_the_next_answer_begin(local: HuggingFaceChat) -> None:
    pieces = local.stream(ASK)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert local.complete(ASK).text


def test_threads_take_turns(local: HuggingFaceChat) -> None:
    expected = local.complete(ASK).text
    got: list[str] = []
    threads = [
        threading.Thread(target=lambda: got.append(local.complete(ASK).text)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [expected] * 4


def test_it_may_be_closed_and_used_again(local: HuggingFaceChat) -> None:
    local.close()
    local.close()
    assert local.complete(ASK).text
    assert local.name.startswith("tiny")


def test_chats_of_one_model_share_it_until_the_last_is_closed(model_folder: Path) -> None:
    config = {"model_name_or_path": str(model_folder), "device": "cpu", "max_tokens": 4}
    one, other = (
        LLMFactory.from_config({"backend": "huggingface", "config": config}) for _ in range(2)
    )
    one.complete(ASK)
    other.complete(ASK)
    assert one._held is other._held  # type: ignore[attr-defined]
    one.close()
    assert other._held.engine is not None  # type: ignore[attr-defined]
    assert other.complete(ASK).text
    other.close()


def test_pictures_are_refused(local: HuggingFaceChat) -> None:
    with pytest.raises(ModelRefusedError, match="pictures"):
        local.complete([Turn("user", "See?", (Picture(b"", "image/png"),))])


def test_a_prompt_longer_than_the_model_reads_is_refused(model_folder: Path) -> None:
    config = {"model_name_or_path": str(model_folder), "device": "cpu", "max_tokens": 24}
    local = LLMFactory.from_config({"backend": "huggingface", "config": config})
    with pytest.raises(ModelRefusedError, match="256"):
        local.complete([Turn("user", "word " * 300)])
    local.close()


def test_a_model_without_a_chat_template_is_asked_in_plain_lines(
    tmp_path: Path, model_folder: Path
) -> None:
    folder = write_language_model(tmp_path / "plain", template=False)
    config = {"model_name_or_path": str(folder), "device": "cpu", "max_tokens": 8}
    local = LLMFactory.from_config({"backend": "huggingface", "config": config})
    assert local.complete(ASK).text
    local.close()


def test_sampling_differs_from_the_greedy_answer(model_folder: Path) -> None:
    config = {"model_name_or_path": str(model_folder), "device": "cpu", "max_tokens": 24}
    local = LLMFactory.from_config({"backend": "huggingface", "config": config})
    sampled = {local.complete(ASK, temperature=2.0, top_p=0.99).text for _ in range(3)}
    assert len(sampled) > 1
    local.close()


@pytest.mark.parametrize("field", [{"device": "cuda:7"}, {"precision": "float1"}])
def test_a_device_or_precision_that_is_not_there_is_told(
    model_folder: Path, field: dict[str, str]
) -> None:
    config = {"model_name_or_path": str(model_folder), **field}
    local = LLMFactory.from_config({"backend": "huggingface", "config": config})
    with pytest.raises(ConfigError):
        local.complete(ASK)


def test_files_that_are_not_there_are_told(model_folder: Path, tmp_path: Path) -> None:
    config = {"model_name_or_path": str(tmp_path), "device": "cpu"}
    local = LLMFactory.from_config({"backend": "huggingface", "config": config})
    with pytest.raises(ConfigError, match="nothing is downloaded"):
        local.complete(ASK)


def test_reasoning_is_split_off_and_a_schema_stands_in_the_prompt() -> None:
    engine = Engine('<think>hm</think>{"colour": "blue"}')
    local = chat(engine)
    reply = local.complete(ASK, schema={"title": "Colour"})
    assert (reply.text, reply.reasoning) == ('{"colour": "blue"}', "hm")
    assert '{"title": "Colour"}' in engine.prompts[0]
    assert "".join(p.text for p in local.stream(ASK) if p.reasoning) == "hm"


def test_lone_surrogates_reach_the_model_as_question_marks() -> None:
    engine = Engine()
    chat(engine).complete(ASK)
    assert "颜色 ?" in engine.prompts[0]


def test_an_answer_has_a_limit_where_nobody_names_one() -> None:
    engine = Engine()
    local = chat(engine)
    local.complete(ASK)
    local.complete(ASK, max_tokens=7, temperature=0.5)
    assert [(m.max_tokens, m.temperature) for m in engine.manners] == [(1024, None), (7, 0.5)]


@pytest.mark.parametrize("text", ["", "  ", "<think>only thoughts"])
def test_an_answer_without_text_is_a_reply_error(text: str) -> None:
    local = chat(Engine(text))
    with pytest.raises(ModelReplyError):
        local.complete(ASK)
    with pytest.raises(ModelReplyError):
        list(local.stream(ASK))


def test_who_waits_too_long_for_its_turn_is_told() -> None:
    engine = Engine()
    local = HuggingFaceChat(LocalModel("tiny", wait_s=0.01), SystemClock(), load=lambda _: engine)
    pieces = local.stream(ASK)
    next(pieces)
    with pytest.raises(ModelUnavailableError, match="busy"):
        local.complete(ASK)
    assert engine.most == 1
    pieces.close()  # type: ignore[attr-defined]
