import pytest

from memos.llms.reasoning import ReasoningFilter, split_reasoning


@pytest.mark.parametrize(
    ("text", "answer", "reasoning"),
    [
        ("Blue.", "Blue.", ""),
        ("<think>a</think>Blue.", "Blue.", "a"),
        (" \n<Thinking>a</Thinking>\n<think>b</think> Blue.", "Blue.", "a\nb"),
        ("<think>a", "", "a"),
        ("a\n</think>\nBlue.", "Blue.", "a"),
        ("Write </think> to end.", "Write </think> to end.", ""),
        ("Blue. <think>late</think>", "Blue. <think>late</think>", ""),
        ("", "", ""),
    ],
)
def test_leading_reasoning_is_parted_from_the_answer(
    text: str, answer: str, reasoning: str
) -> None:
    assert split_reasoning(text) == (answer, reasoning)


@pytest.mark.parametrize(
    "text",
    ["Blue.", "<think>a</think>Blue.", "<b>Blue</b>", "a < b", "<think></think><think>b</think>x"],
)
@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_a_stream_cut_anywhere_gives_what_the_whole_text_gives(text: str, size: int) -> None:
    passing = ReasoningFilter()
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    parts = [*map(passing.feed, pieces), passing.end()]
    answer, thought = split_reasoning(text)
    assert "".join(said for _, said in parts) == answer
    assert "".join(thinking for thinking, _ in parts) == thought


def test_thinking_is_not_held_back_beyond_what_may_be_its_end() -> None:
    passing = ReasoningFilter()
    assert passing.feed("<think>ab") == ("ab", "")
    assert passing.feed("c</thi") == ("c", "")
    assert passing.feed("s</think>d") == ("</this", "d")
    assert passing.feed("e") == ("", "e")


def test_thinking_that_never_ends_is_no_answer() -> None:
    passing = ReasoningFilter()
    assert passing.feed("<think>ab</th") == ("ab", "")
    assert passing.end() == ("</th", "")


def test_an_answer_is_not_held_back() -> None:
    passing = ReasoningFilter()
    assert passing.feed("Bl") == ("", "Bl")
    assert passing.feed("ue") == ("", "ue")
