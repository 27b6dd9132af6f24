"""Who speaks and who is spoken to, as a memory names them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cast:
    """The two sides of a statement.

    Args:
        speaker: how first person is written, as in the middle of a sentence (`the user`, `Mia`,
            `用户`).
        listener: how second person is written; None when it is not known who is meant.
    """

    speaker: str
    listener: str | None = None

    def opening(self) -> str:
        """The speaker at the start of a sentence."""
        return self.speaker[:1].upper() + self.speaker[1:]


@dataclass(frozen=True, slots=True)
class Retold:
    """A statement in the third person.

    Args:
        text: the statement.
        names_speaker: the speaker occurs in it.
        safe: every person was resolved; otherwise the original should be quoted instead.
    """

    text: str
    names_speaker: bool
    safe: bool = True
