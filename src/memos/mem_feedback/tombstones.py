"""What a user asked to forget stays forgotten: hashes of it keep the organiser from storing it again.

A tombstone is a node that is never returned and holds no text, only the keyed hash of a statement,
of a claim, or of a whole state ("my address").
"""

import hashlib
from collections.abc import Sequence

from memos.graph_dbs.base import GraphStore, NodeWrite
from memos.memories.textual.tree_text_memory.organize.normalise import content_hash
from memos.memories.textual.tree_text_memory.organize.state import Claim, claims
from memos.types.clock import Clock, derived_id
from memos.types.filters import Condition, Field, Operator, all_of
from memos.types.memory import Draft, MemoryItem, MemoryKind
from memos.types.scope import Cube, Scope

TOMBSTONE = "memos:tombstone"
"""Reserved tag of a tombstone."""
_KINDS = frozenset({MemoryKind.SEGMENT})


class Tombstones:
    """Tombstones of every cube, kept in the memory graph.

    Args:
        graph: where they are.
        clock: record times.
    """

    def __init__(self, graph: GraphStore, clock: Clock) -> None:
        self._graph = graph
        self._clock = clock

    def bury(self, cube: Cube, values: Sequence[str], slots: Sequence[tuple[str, str]]) -> None:
        """Forget statements, what they claim, and whole states. Repeating it changes nothing.

        Args:
            cube: whose memory.
            values: statements.
            slots: pairs of subject and attribute of which nothing is to be kept.
        """
        digests = {digest for value in values for digest in _digests(cube, value)}
        digests |= {_hashed(cube, "slot", *slot) for slot in slots}
        now = self._clock.now_ms()
        nodes = [
            NodeWrite(
                MemoryItem(
                    id=derived_id(cube.uid, TOMBSTONE, digest),
                    cube=cube,
                    kind=MemoryKind.SEGMENT,
                    value="",
                    tags=(TOMBSTONE,),
                    created_at=now,
                    updated_at=now,
                    content_hash=digest,
                )
            )
            for digest in sorted(digests)
        ]
        if nodes:
            self._graph.put(Scope.of(cube), nodes)

    def allowed(self, cube: Cube, drafts: Sequence[Draft]) -> list[Draft]:
        """The drafts that a user did not ask to forget, in order.

        Raises:
            StoreUnavailableError: the graph cannot be read.
        """
        wanted = [_all_digests(cube, d.value, d.speaker) for d in drafts]
        found = {item.content_hash for item in self._found(cube, set().union(*wanted))}
        return [d for d, digests in zip(drafts, wanted, strict=True) if not digests & found]

    def lift(self, cube: Cube, drafts: Sequence[Draft]) -> int:
        """Allow again what a user now asks to remember; the number of tombstones removed."""
        wanted = set().union(*(_all_digests(cube, d.value, d.speaker) for d in drafts))
        ids = [item.id for item in self._found(cube, wanted)]
        return self._graph.delete(Scope.of(cube), ids) if ids else 0

    def _found(self, cube: Cube, digests: set[str]) -> list[MemoryItem]:
        if not digests:
            return []
        where = all_of(
            Condition(Field.CONTENT_HASH, Operator.IN, tuple(sorted(digests))),
            Condition(Field.TAGS, Operator.CONTAINS, TOMBSTONE),
        )
        return list(self._graph.find(Scope.of(cube), _KINDS, where, limit=len(digests)).items)


def _digests(cube: Cube, value: str, speaker: str = "user") -> set[str]:
    plain = content_hash(value)
    told = {_hashed(cube, "value", plain)} if plain else set()
    return told | {_of_claim(cube, claim) for claim in claims(value, speaker)}


def _all_digests(cube: Cube, value: str, speaker: str) -> set[str]:
    slots = {(claim.subject, claim.attribute) for claim in claims(value, speaker)}
    return _digests(cube, value, speaker) | {_hashed(cube, "slot", *slot) for slot in slots}


def _of_claim(cube: Cube, claim: Claim) -> str:
    polarity = str(claim.polarity)
    return _hashed(cube, "claim", claim.subject, claim.attribute, claim.object, polarity)


def _hashed(cube: Cube, *parts: str) -> str:
    """Keyed by the cube, so that tombstones of two users cannot be compared."""
    key = hashlib.blake2b(cube.uid.encode(), digest_size=32).digest()
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16, key=key).hexdigest()
