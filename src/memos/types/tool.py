"""What is learnt about tools: their descriptions, and what came of using them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from memos.types.memory import Source


@dataclass(frozen=True, slots=True)
class ToolSchema:
    """A tool as it was described.

    Args:
        name: its name.
        description: what it says of itself.
        parameters: JSON Schema of its arguments.
        source: the message it was described in.
        at: when, ms UTC.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    source: Source
    at: int


@dataclass(frozen=True, slots=True)
class ToolStep:
    """One call of a tool. Values are distilled: short, and free of encoded files.

    Args:
        tool: name of the tool.
        arguments: pairs of name and value, in the order of the call.
        result: what came back; empty when nothing did, or nothing was said.
        failed: whether the call failed; None while there is no result.
        error_type: short name of what went wrong; empty when nothing did.
    """

    tool: str
    arguments: tuple[tuple[str, str], ...] = ()
    result: str = ""
    failed: bool | None = None
    error_type: str = ""


@dataclass(frozen=True, slots=True)
class Telling:
    """A use of tools in the words of a language model.

    Args:
        value: the whole use in one sentence.
        experience: what to do when the task comes up again.
        tools: experience by name of the tool.
    """

    value: str
    experience: str
    tools: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToolUse:
    """What was done with tools for one request.

    Args:
        id: the same whenever the same request is read again.
        asked: what the user said; empty when there was nothing.
        request: the sentence of it that asks for something.
        steps: the calls in order; never empty.
        sources: the messages of it.
        at: when it was asked, ms UTC.
        chinese: whether to tell of it in Chinese.
        telling: the same told by a model, when one was asked.
    """

    id: str
    asked: str
    request: str
    steps: tuple[ToolStep, ...]
    sources: tuple[Source, ...]
    at: int
    chinese: bool = False
    telling: Telling | None = None

    @property
    def chain(self) -> tuple[str, ...]:
        """Names of the tools in order, repetitions in a row left out."""
        names = [step.tool for step in self.steps]
        return tuple(n for i, n in enumerate(names) if i == 0 or names[i - 1] != n)


@dataclass(frozen=True, slots=True)
class ToolReading:
    """What messages tell about tools."""

    schemas: tuple[ToolSchema, ...] = ()
    uses: tuple[ToolUse, ...] = ()
