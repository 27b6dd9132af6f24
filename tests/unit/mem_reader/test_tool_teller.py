"""A model puts uses of tools into words; what it writes is checked, and the rules tell otherwise."""

import base64
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from memos.errors import ModelUnavailableError
from memos.llms.base import Reply, Turn
from memos.mem_reader.tools.model import ModelTeller
from memos.memories.textual.tool_record import Record
from memos.memories.textual.tool_text import experience_of, tallies, tool_status, value_of
from memos.types.memory import Source
from memos.types.tool import ToolStep, ToolUse

STEP = ToolStep("get_weather", (("location", "Beijing"),), "temperature: 7°C", failed=False)
USE = ToolUse("u", "Weather in Beijing?", "Weather in Beijing?", (STEP,), (Source("m", "user"),), 0)
GOOD = {
    "value": "The user asked for the weather in Beijing -> get_weather(location) -> 7°C.",
    "experience": "For weather questions call get_weather with a city name.",
    "tools": [
        {"used_tool": "get_weather", "tool_experience": "Needs a city name."},
        {"used_tool": "invented", "tool_experience": "Not there."},
    ],
}


class Model:
    """Answers from a list; an exception is raised."""

    name = "scripted"

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[Sequence[Turn]] = []

    def complete(
        self,
        turns: Sequence[Turn],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
        temperature: float | None = None,
    ) -> Reply:
        self.asked.append(turns)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Reply(answer)

    def stream(self, turns: Sequence[Turn], **_: Any) -> Iterator[Any]:
        raise NotImplementedError


def test_a_good_telling_is_taken_and_invented_tools_are_left_out() -> None:
    model = Model(json.dumps(GOOD))
    telling = ModelTeller(model).tell(USE)
    assert telling is not None
    assert telling.value == GOOD["value"]
    assert dict(telling.tools) == {"get_weather": "Needs a city name."}
    shown = json.loads(model.asked[0][1].content)
    assert shown["steps"][0]["arguments"] == {"location": "Beijing"}


PICTURE = base64.b64encode(random.Random(3).randbytes(900)).decode()


@pytest.mark.parametrize(
    "wrong",
    [
        "no JSON",
        json.dumps({**GOOD, "value": ""}),
        json.dumps({**GOOD, "value": "Something happened.", "experience": "Do it well."}),
        json.dumps({**GOOD, "value": "用户查询了北京的天气 get_weather", "experience": "先查天气"}),
        json.dumps({**GOOD, "value": f"get_weather gave {PICTURE}"}),
    ],
    ids=["no json", "empty", "names no tool", "other language", "encoded file"],
)
def test_a_telling_that_cannot_be_used_is_asked_for_once_more(wrong: str) -> None:
    again = Model(wrong, json.dumps(GOOD))
    assert ModelTeller(again).tell(USE) is not None
    assert ModelTeller(Model(wrong, wrong)).tell(USE) is None


def test_a_model_that_is_away_is_not_asked_again() -> None:
    model = Model(ModelUnavailableError("away"))
    assert ModelTeller(model).tell(USE) is None
    assert len(model.asked) == 1


def test_older_uses_are_kept_as_counts() -> None:
    record = Record()
    for n in range(20):
        step = ToolStep("t", (("n", str(n)),), "x", failed=n % 4 == 0, error_type="error")
        record = record.with_use(
            ToolUse(f"u{n}", "Do it", "Do it", (step,), (Source(f"m{n}", "user"),), n)
        )
    again = record.with_use(record.uses[-1])
    assert again == record
    assert len(record.uses) == 8
    counts = tallies(record.uses, record.counts)
    [status] = tool_status(record.uses, counts)
    assert status["success_rate"] == 0.75
    assert "(20 calls in all, 15 succeeded)" in value_of(record.uses, counts)
    assert experience_of(record.uses).startswith('For requests like "Do it": call t with n.')
