"""From drafts to memories: what is new, what was known, what tags fit."""

from dataclasses import replace

import numpy as np
import pytest

from memos.embedders.base import Embedder
from memos.mem_os.bootstrap import System
from memos.memories.textual.tree_text_memory.organize.combine import Combination
from memos.memories.textual.tree_text_memory.organize.normalise import content_hash
from memos.memories.textual.tree_text_memory.organize.organizer import (
    Organizer,
    Provenance,
    evidence_edges,
)
from memos.memories.textual.tree_text_memory.organize.relation import Relations
from memos.memories.textual.tree_text_memory.organize.tags import fitting_tags
from memos.types.memory import FACT_KINDS, Draft, MemoryItem, MemoryKind, Source
from memos.types.scope import Cube, CubeKind, Scope


def draft(value: str, message: str = "m1", start: int = 0, end: int = 9) -> Draft:
    return Draft(
        kind=MemoryKind.LONG_TERM,
        value=value,
        statement=value,
        sources=(Source(message, "user", start, end, 1000),),
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("The user lives in Rome.", "the user  lives in rome", True),
        ("用户住在上海。", "用户住在上海", True),
        ("Ｆｕｌｌ width", "full width!", True),
        ("The user is 30.", "The user is 31.", False),
        ("The user likes C.", "The user likes C and D.", False),
    ],
)
def test_the_hash_looks_through_case_width_and_marks(one: str, other: str, same: bool) -> None:
    assert (content_hash(one) == content_hash(other)) is same


def test_text_without_letters_has_no_hash() -> None:
    assert content_hash(" ?! ") == ""


def test_tags_fit_by_word_or_by_meaning() -> None:
    cosines = np.array([0.05, 0.40, 0.05], dtype=np.float32)
    tags = fitting_tags(["Rome", "travel", "cooking"], "A week in Rome", cosines, 0.07)
    assert tags == ("Rome", "travel")


def test_edges_lead_to_the_segments_a_source_touches() -> None:
    segments = {"m1": [("s1", 0, 10), ("s2", 10, 20), ("s3", 20, 30)]}

    def targets(start: int | None, end: int | None) -> list[str]:
        source = Source("m1", "user", start, end)
        return [e.target for e in evidence_edges("x", [source], segments)]

    assert targets(0, 10) == ["s1"]
    assert targets(9, 11) == ["s1", "s2"]
    assert targets(None, None) == ["s1", "s2", "s3"]
    assert targets(25, None) == ["s3"]
    assert [e.target for e in evidence_edges("x", [Source("m9", "user")], segments)] == []


def test_writing_the_same_drafts_again_changes_nothing(system: System, embedder: Embedder) -> None:
    cube = Cube(system.records.projects()[0].id, CubeKind.USER, "u")
    organizer = Organizer(system.graph, embedder, system.clock)
    provenance = Provenance(task_id="t", conversation_id="c")
    drafts = [draft("The user lives in Rome."), draft("The user has a boat.", start=9, end=20)]
    system.embedder.embed(["adopt"])
    first = organizer.write(cube, drafts, provenance)
    before = system.graph.find(Scope.of(cube), FACT_KINDS).items
    assert organizer.write(cube, drafts, provenance) == first
    assert system.graph.find(Scope.of(cube), FACT_KINDS).items == before
    assert len(before) == 2


def test_a_known_statement_gains_a_source_instead_of_a_copy(
    system: System, embedder: Embedder
) -> None:
    cube = Cube(system.records.projects()[0].id, CubeKind.USER, "u")
    organizer = Organizer(system.graph, embedder, system.clock)
    system.embedder.embed(["adopt"])
    one = organizer.write(cube, [draft("The user lives in Rome.")], Provenance("t1", "c1"))
    two = organizer.write(cube, [draft("the user lives in Rome!", "m2")], Provenance("t2", "c2"))
    assert one == two
    items = system.graph.find(Scope.of(cube), FACT_KINDS).items
    assert [s.message_id for s in items[0].sources] == ["m1", "m2"]
    assert items[0].conversation_id == "c1"


def test_a_merge_that_is_done_again_changes_nothing(system: System) -> None:
    """As by a task that was killed after its write: with what it was told, and with nothing."""
    cube = Cube("p", CubeKind.USER, "u")
    graph = system.graph
    told, more = draft("The user speaks French."), draft("The user speaks Italian.", "m2")
    whole = "The user speaks French and Italian."
    organizer = Organizer(graph, system.embedder, system.clock)
    organizer.write(cube, [told], Provenance("t1", "c"))
    (first,) = graph.find(Scope.of(cube), FACT_KINDS).items
    digest = content_hash(more.value)
    relations = Relations(combinations={digest: Combination(whole, (first,))})

    def written(relations: Relations) -> dict[str, MemoryItem]:
        organizer.write(cube, [more], Provenance("t2", "c", relations=relations))
        return {i.value: i for i in graph.find(Scope.of(cube), FACT_KINDS).items}

    once = written(relations)
    assert {value: item.status.value for value, item in once.items()} == {
        told.value: "merged",
        more.value: "merged",
        whole: "activated",
    }
    assert written(relations) == once
    assert written(Relations()) == once
    versions = graph.versions(Scope.of(cube), [i.id for i in once.values()])
    assert {len(found) for found in versions.values()} <= {1, 2}


def test_a_repeated_add_of_what_was_superseded_meanwhile_leaves_no_version(
    system: System, embedder: Embedder
) -> None:
    """The task of a late import dies after its memory gave way to what was said of a later time."""
    cube = Cube(system.records.projects()[0].id, CubeKind.USER, "u")
    organizer = Organizer(system.graph, embedder, system.clock)
    later = replace(draft("The user moved to Madrid.", "m2"), event_from=2000)
    earlier = replace(draft("The user lives in Berlin.", "m1"), event_from=1000)
    organizer.write(cube, [later], Provenance("t2", "c"))
    (first,) = organizer.write(cube, [earlier], Provenance("t1", "c"))
    scope = Scope.of(cube)
    before = system.graph.versions(scope, [first]), system.graph.trail(scope, [first])
    assert [v.item.status.value for v in before[0][first]] == ["activated", "archived"]
    for _ in range(3):
        assert organizer.write(cube, [earlier], Provenance("t1", "c")) == [first]
    assert (system.graph.versions(scope, [first]), system.graph.trail(scope, [first])) == before
    (again,) = organizer.write(cube, [replace(earlier, event_from=3000)], Provenance("t3", "c"))
    assert again != first, "said anew it is a memory of its own"
    versions = system.graph.versions(scope, [first, again])
    assert [v.item.status.value for v in versions[again]] == ["activated"]
    assert versions[first] == before[0][first]
