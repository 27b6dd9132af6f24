"""What an evaluation works on: dialogues with their questions, whatever file they came from."""

from collections.abc import Iterator
from dataclasses import dataclass

_ROLES = frozenset({"user", "assistant", "system", "tool"})


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a dialogue.

    Args:
        id: unique within the dialogue; questions cite it.
        speaker: a name, or a role when nobody is named.
        role: `user` or `assistant`.
        text: what was said, without the name; what a picture shows is part of it.
        time: when it was said, ms UTC.
    """

    id: str
    speaker: str
    role: str
    text: str
    time: int

    @property
    def message(self) -> str:
        """Text of the message that is added: a named speaker goes first."""
        return self.text if self.speaker in _ROLES else f"{self.speaker}: {self.text}"


@dataclass(frozen=True, slots=True)
class Session:
    """Turns of one sitting, oldest first; `time` is its begin, ms UTC."""

    id: str
    time: int
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a dialogue.

    Args:
        id: unique within the corpus.
        text: the question.
        category: the set's own class of question.
        evidence: ids of the turns that hold the answer; empty when the set names none.
        answers: accepted answers, or what a good answer must hold; empty when unknown.
        answerable: whether the dialogue holds the answer.
        as_of: when it is asked, ms UTC; None means after the last turn.
        options: the choices of a multiple-choice question, as shown.
    """

    id: str
    text: str
    category: str
    evidence: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    answerable: bool = True
    as_of: int | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dialogue:
    """All sessions of one user, and the questions about them."""

    id: str
    sessions: tuple[Session, ...]
    questions: tuple[Question, ...]

    def turns(self) -> Iterator[Turn]:
        """Every turn, oldest session first."""
        for session in self.sessions:
            yield from session.turns

    @property
    def end(self) -> int:
        """Time of the last turn, ms UTC; 0 without turns."""
        return max((turn.time for turn in self.turns()), default=0)


@dataclass(frozen=True, slots=True)
class Corpus:
    """A loaded file.

    Args:
        name: format and file name.
        dialogues: in the order of the file.
        notes: how many labels were skipped or repaired, by reason.
    """

    name: str
    dialogues: tuple[Dialogue, ...]
    notes: dict[str, int]

    def only(self, chosen: range | tuple[int, ...]) -> "Corpus":
        """The corpus with the dialogues at these places; places beyond the end are left out."""
        kept = tuple(self.dialogues[i] for i in chosen if 0 <= i < len(self.dialogues))
        return Corpus(self.name, kept, self.notes)
