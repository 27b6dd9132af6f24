"""A skill: how a kind of task is done, for everybody or for one user; and what it is drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from memos.types.memory import Source

_LISTS = ("procedure", "experience", "preference", "examples")


@dataclass(frozen=True, slots=True)
class Skill:
    """A reusable procedure.

    Args:
        name: what it is called.
        description: what it is for and when to use it, in a sentence.
        procedure: the steps, in order.
        experience: what was learnt doing it.
        preference: how the user wants it done.
        examples: requests and how they were met.
        additional: anything else, as Markdown.
    """

    name: str
    description: str
    procedure: tuple[str, ...] = ()
    experience: tuple[str, ...] = ()
    preference: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    additional: str = ""

    def to_json(self) -> dict[str, Any]:
        """The documented `skill_value`: texts and lists of texts, empty ones left out."""
        value: dict[str, Any] = {"name": self.name, "description": self.description}
        for name in _LISTS:
            if getattr(self, name):
                value[name] = list(getattr(self, name))
        if self.additional:
            value["additional_information"] = self.additional
        return value

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Skill":
        """Read `to_json` back."""
        procedure, experience, preference, examples = (
            tuple(value.get(name) or ()) for name in _LISTS
        )
        return cls(
            value["name"],
            value["description"],
            procedure,
            experience,
            preference,
            examples,
            value.get("additional_information") or "",
        )


class ClueKind(str, Enum):
    """What a clue says of how a task is to be done."""

    STEP = "step"
    """Something the user asks to be done on the way."""
    PREFERENCE = "preference"
    """How the user wants it, or does not want it."""
    LESSON = "lesson"
    """What was put right."""
    TOOL = "tool"
    """A tool that was called."""
    SHOWN = "shown"
    """A step the assistant showed; it counts once it comes again."""


@dataclass(frozen=True, slots=True)
class Clue:
    """One hint at how a user wants a kind of task to be done.

    Args:
        kind: what it says.
        text: in the user's language; statements about the user in the third person.
        source: where it was said.
        at: when, ms UTC.
        tasks: ids of the tasks it was given in.
    """

    kind: ClueKind
    text: str
    source: Source
    at: int
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskRun:
    """One task a user brought, cut out of a conversation.

    Args:
        id: the same whenever the same messages are read again.
        conversation_id: where.
        goal: the sentence that asks for it.
        goal_id: the message it stands in.
        topic: name of the known kind of task; empty when it is none of them.
        title: what to call it, in the user's language.
        first, last: sequences of its first and last message.
        at: when it began, ms UTC.
        message_ids: all of its messages.
        clues: what was said of how to do it.
        chinese: language of the user.
        over: the user asks that it be done this way no more.
    """

    id: str
    conversation_id: str
    goal: str
    goal_id: str
    topic: str
    title: str
    first: int
    last: int
    at: int
    message_ids: tuple[str, ...]
    clues: tuple[Clue, ...] = ()
    chinese: bool = False
    over: bool = False
