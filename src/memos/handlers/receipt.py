"""What an erasure removed, by counts: the receipt that `delete/memory` answers with."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Receipt:
    """Counts per store; nothing of what was erased.

    Args:
        memories: memories that are gone, with their former versions' own nodes.
        versions: former versions of these memories.
        segments: pieces of evidence that are gone.
        messages: messages blanked or removed.
        tasks: tasks removed.
        public_copies: copies in the project's public memory.
        knowledge_copies: copies in knowledge bases.
        files: stored files that nobody needs any more.
        rederived: of the memories, those that went because they were made of others that did.
        reinstated: memories that hold again because what had taken their place is gone.
    """

    memories: int = 0
    versions: int = 0
    segments: int = 0
    messages: int = 0
    tasks: int = 0
    public_copies: int = 0
    knowledge_copies: int = 0
    files: int = 0
    rederived: int = 0
    reinstated: int = 0

    def __add__(self, other: "Receipt") -> "Receipt":
        return Receipt(*(a + b for a, b in zip(self.counts(), other.counts(), strict=True)))

    def at_least(self, other: "Receipt") -> "Receipt":
        """Of every count the larger one."""
        return Receipt(*map(max, self.counts(), other.counts()))

    def counts(self) -> tuple[int, ...]:
        """The counts in the order of the fields."""
        return tuple(getattr(self, field.name) for field in fields(self))

    def to_json(self) -> dict[str, int]:
        """The counts by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}
