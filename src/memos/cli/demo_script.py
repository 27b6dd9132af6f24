"""The demo's conversation and questions, read from the bundled file."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

_PAUSE = timedelta(seconds=45)


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the words of which one must stand in an answer."""

    text: str
    expected: tuple[str, ...]

    def answered_by(self, answer: str) -> bool:
        """Whether an answer holds one of the expected words."""
        return any(word.lower() in answer.lower() for word in self.expected)


@dataclass(frozen=True, slots=True)
class Sitting:
    """Messages of one session, as the API takes them."""

    id: str
    messages: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class DemoScript:
    """Everything the demo replays.

    Args:
        user_id: whose memories they become.
        sittings: oldest first.
        questions: asked at the end.
        traces: words that are nowhere on disk once the user is erased.
    """

    user_id: str
    sittings: tuple[Sitting, ...]
    questions: tuple[Question, ...]
    traces: tuple[str, ...]

    @property
    def turns(self) -> int:
        """Number of messages."""
        return sum(len(sitting.messages) for sitting in self.sittings)


def load_script() -> DemoScript:
    """Read the bundled conversation."""
    text = files("memos.cli").joinpath("demo_conversation.json").read_text(encoding="utf-8")
    body = json.loads(text)
    return DemoScript(
        user_id=body["user_id"],
        sittings=tuple(_sitting(session) for session in body["sessions"]),
        questions=tuple(Question(q["ask"], tuple(q["expect"])) for q in body["questions"]),
        traces=tuple(body["traces"]),
    )


def _sitting(session: dict[str, Any]) -> Sitting:
    start = datetime.fromisoformat(session["time"].replace("Z", "+00:00"))
    return Sitting(
        session["id"],
        tuple(
            {"role": role, "content": content, "chat_time": (start + index * _PAUSE).isoformat()}
            for index, (role, content) in enumerate(session["turns"])
        ),
    )
