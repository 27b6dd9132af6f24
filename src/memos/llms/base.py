"""Port of a language model."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that goes with a turn: its bytes and their media type (`image/png`, ...)."""

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a prompt; pictures need a model that sees."""

    role: str
    content: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered, reasoning prefixes removed from `text`."""

    text: str
    reasoning: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a streamed answer: of its text, or of the thinking before it.

    A last piece without text may carry the token counts, where the server tells them.
    """

    text: str
    reasoning: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0


class LLM(Protocol):
    """A chat model. Safe to call from several threads at once."""

    @property
    def name(self) -> str:
        """Model name, for logs and records."""
        ...

    def complete(
        self,
        turns: Sequence[Turn],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
    ) -> Reply:
        """Answer once. With `schema` (JSON Schema) the text should be JSON of that form.

        Raises:
            ModelUnavailableError: not reachable, refused or timed out after retries.
            ModelReplyError: reachable but the answer is empty or not text.
        """
        ...

    def stream(
        self,
        turns: Sequence[Turn],
        *,
        max_tokens: int | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
    ) -> Iterator[Piece]:
        """Answer piece by piece, thinking first. Raises as `complete`.

        Closing the iterator ends the call: the model writes no further.
        """
        ...

    def close(self) -> None:
        """Release connections and memory. Calling it again is harmless."""
        ...
