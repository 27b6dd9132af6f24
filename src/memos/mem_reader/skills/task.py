"""Cutting conversations at task boundaries, and reading what each task tells."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from memos.mem_reader.base import Window
from memos.mem_reader.rules.reader import RuleReader
from memos.mem_reader.rules.sentence import Sentence, sentences
from memos.mem_reader.skills.clue import bare, clue_kind, is_over, is_shift, opens_task
from memos.mem_reader.skills.topic import topic_name, topic_of
from memos.mem_reader.speaker import spoken_text
from memos.mem_reader.tools.distil import shortened
from memos.mem_reader.tools.trajectory import uses_of
from memos.types.clock import derived_id
from memos.types.language import is_chinese
from memos.types.memory import Source
from memos.types.message import Message
from memos.types.skill import Clue, ClueKind, TaskRun

Embed = Callable[[Sequence[str]], npt.NDArray[np.float32]]
"""Unit vectors of texts, float32 (n, dim)."""
PAUSE_MS = 6 * 3600 * 1000
"""After so long a silence a request begins a task of its own."""
STRANGE = 0.08
"""Cosine above that of unrelated texts below which a request has nothing to do with what was said."""
_LONGEST_MESSAGE = 4000
_MOST_CLUES = 24
_MOST_SHOWN = 10
_LONGEST_CLUE = 300
_LONGEST_TITLE = 80
_LISTED = re.compile(r"^[ \t]*(?:\d{1,2}[.)、]|[-*•])[ \t]+(.{6,200})$", re.MULTILINE)
_AND_USER = re.compile(r"\b(and|but|or) the user(?:'s)? ")


@dataclass(slots=True)
class _Part:
    """Messages of one task while it is being cut."""

    messages: list[Message] = field(default_factory=list)
    topic: str = ""

    def asked(self) -> list[str]:
        return [m.text[:_LONGEST_MESSAGE] for m in self.messages if m.role == "user" and m.text]


class TaskReader:
    """Reads tasks by rules: no model, the same tasks for the same messages.

    Args:
        embed: makes vectors, to tell requests that have nothing to do with one another.
        mean_cosine: cosine of unrelated texts.
    """

    def __init__(self, embed: Embed, mean_cosine: Callable[[], float]) -> None:
        self._embed = embed
        self._mean = mean_cosine
        self._rules = RuleReader()

    def read(self, messages: Sequence[Message]) -> list[TaskRun]:
        """The tasks in a run of messages of one conversation, in order.

        A part in which nobody brings a task is none.
        """
        runs = (self._run(part) for part in self.cut(messages))
        return [run for run in runs if run is not None]

    def cut(self, messages: Sequence[Message]) -> list[Sequence[Message]]:
        """The messages cut at task boundaries; every message is in exactly one part."""
        parts: list[_Part] = []
        for message in messages:
            if not parts or (message.role == "user" and self._begins(parts[-1], message)):
                parts.append(_Part())
            parts[-1].messages.append(message)
            if message.role == "user" and not parts[-1].topic:
                parts[-1].topic = topic_of(message.text[:_LONGEST_MESSAGE])
        return [part.messages for part in parts]

    def _begins(self, part: _Part, message: Message) -> bool:
        text = message.text[:_LONGEST_MESSAGE]
        if not part.asked() or not text.strip():
            return False
        if is_shift(text):
            return True
        if not any(opens_task(s.text) for s in sentences(text)):
            return False
        if message.chat_time - part.messages[-1].chat_time >= PAUSE_MS:
            return True
        topic = topic_of(text)
        if topic and part.topic:
            return topic != part.topic
        if clue_kind(text) is not None:
            return False
        vectors = self._embed([text, *part.asked()[-6:]])
        return bool((vectors[1:] @ vectors[0]).max() - self._mean() < STRANGE)

    def _run(self, messages: Sequence[Message]) -> TaskRun | None:
        said = [m for m in messages if m.role == "user" and m.text.strip()]
        goal = _goal(said)
        if goal is None:
            return None
        first, opening = goal
        text = " ".join(m.text[:_LONGEST_MESSAGE] for m in said)
        chinese = is_chinese(text)
        task_id = derived_id("task", messages[0].id)
        clues = [c for m in said for c in self._clues(m, opening, task_id)][:_MOST_CLUES]
        clues += _tool_clues(messages, task_id, chinese=chinese)
        clues += _shown(messages, task_id)
        topic = topic_of(opening.text) or topic_of(text)
        return TaskRun(
            id=task_id,
            conversation_id=first.conversation_id,
            goal=opening.text[:_LONGEST_CLUE],
            goal_id=first.id,
            topic=topic,
            title=topic_name(topic, chinese=chinese) if topic else _title(opening.text),
            first=messages[0].sequence,
            last=messages[-1].sequence,
            at=messages[0].chat_time,
            message_ids=tuple(m.id for m in messages),
            clues=tuple(clues),
            chinese=chinese,
            over=any(is_over(m.text) for m in said),
        )

    def _clues(self, message: Message, opening: Sentence, task_id: str) -> list[Clue]:
        found = []
        for sentence in _sentences(message):
            kind = clue_kind(sentence.text)
            if kind is None or is_over(sentence.text):
                continue
            if sentence.text == opening.text and kind is ClueKind.STEP:
                continue
            text = self._worded(message, sentence, kind)
            source = Source(
                message.id, message.role, sentence.start, sentence.end, message.chat_time
            )
            found.append(Clue(kind, text[:_LONGEST_CLUE], source, message.chat_time, (task_id,)))
        return found

    def _worded(self, message: Message, sentence: Sentence, kind: ClueKind) -> str:
        if kind is ClueKind.STEP:
            step = bare(sentence.text)
            return step[:1].upper() + step[1:]
        if kind is ClueKind.LESSON:
            return sentence.text
        alone = Message(
            id=message.id,
            role="user",
            text=sentence.text,
            sequence=message.sequence,
            chat_time=message.chat_time,
            created_at=message.created_at,
            updated_at=message.updated_at,
            conversation_id=message.conversation_id,
        )
        drafts = self._rules.read(Window((alone,)))
        if not drafts:
            return sentence.text
        if is_chinese(sentence.text):
            return "".join(draft.value for draft in drafts).replace("。用户", "，")
        return _AND_USER.sub(r"\1 ", " ".join(draft.value for draft in drafts))


def _title(goal: str) -> str:
    """A task of no known kind is called by its request."""
    plain = bare(goal).rstrip(" .?!。？！")
    return shortened(plain[:1].upper() + plain[1:], _LONGEST_TITLE, chinese=is_chinese(goal))


def _sentences(message: Message) -> list[Sentence]:
    text, offset = spoken_text(message)
    return sentences(text[:_LONGEST_MESSAGE], offset)


def _goal(said: Sequence[Message]) -> tuple[Message, Sentence] | None:
    """The first sentence that brings a task."""
    for message in said:
        for sentence in _sentences(message):
            if opens_task(sentence.text) and clue_kind(sentence.text) is not ClueKind.PREFERENCE:
                return message, sentence
    for message in said:
        for sentence in _sentences(message):
            if topic_of(sentence.text):
                return message, sentence
    return None


def _tool_clues(messages: Sequence[Message], task_id: str, *, chinese: bool) -> list[Clue]:
    """The calls that succeeded, in order, each once."""
    clues: dict[str, Clue] = {}
    for use in uses_of(messages, {m.id for m in messages}):
        for step in use.steps:
            if step.failed is not False:
                continue
            names = ", ".join(name for name, _ in step.arguments if name)
            if chinese:
                text = f"调用 {step.tool}" + (f"（给出 {names}）" if names else "")
            else:
                text = f"Call {step.tool}" + (f" with {names}" if names else "")
            clue = Clue(ClueKind.TOOL, text, use.sources[-1], use.at, (task_id,))
            clues.setdefault(text, clue)
    return list(clues.values())


def _shown(messages: Sequence[Message], task_id: str) -> list[Clue]:
    """Steps of the lists the assistant wrote."""
    clues = []
    for message in messages:
        if message.role != "assistant":
            continue
        for match in _LISTED.finditer(message.text[:_LONGEST_MESSAGE]):
            source = Source(
                message.id, message.role, match.start(1), match.end(1), message.chat_time
            )
            text = match[1].strip().strip("*")
            clues.append(Clue(ClueKind.SHOWN, text, source, message.chat_time, (task_id,)))
    return clues[:_MOST_SHOWN]
