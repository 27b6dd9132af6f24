"""What `fine` searches find on the gate's corpus, with stand-ins for the model that names queries.

A model that helps must help, and one that names useless queries must do no harm.
"""

import json
from collections.abc import Callable, Iterator, Sequence

import pytest

from memos.embedders.base import Embedder
from memos.evaluation.corpus import Corpus, Question
from memos.evaluation.metrics import recall_at
from memos.evaluation.subject import Added, Subject, open_subject
from memos.llms.base import Reply, Turn
from memos.memories.textual.tree_text_memory.retrieve.rewrite import DONE, rewrite
from pipeline.recall_corpus import CHINESE, ENGLISH, recall_corpus

Loaded = tuple[Subject, Corpus, list[Added]]
Naming = Callable[[Question], Sequence[str]]
_SAID = {f"en {f.kind}": f.said for f in ENGLISH} | {f"zh {f.kind}": f.said for f in CHINESE}


class StandIn:
    """A model that names the queries it was made with."""

    name = "stand-in"

    def __init__(self, queries: Sequence[str]) -> None:
        self._queries = list(queries)

    def complete(self, turns: Sequence[Turn], **options: object) -> Reply:
        return Reply(json.dumps({"queries": self._queries}))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Loaded]:
    corpus = recall_corpus()
    with open_subject(tmp_path_factory.mktemp("fine"), embedder=embedder) as subject:
        yield subject, corpus, subject.add(corpus.dialogues, threads=2)


def told(question: Question) -> Sequence[str]:
    """How such a thing is said, without what is asked for: what a good model guesses."""
    said = _SAID.get(question.category, "")
    return [said.replace("{0}", "").replace("{1}", "")] if said else []


def halves(question: Question) -> Sequence[str]:
    """The question cut in the middle: what a careless model calls decomposing."""
    words = question.text.split() if " " in question.text else list(question.text)
    middle, glue = len(words) // 2, " " if " " in question.text else ""
    return [glue.join(words[:middle]), glue.join(words[middle:])]


def recalls(loaded: Loaded, naming: Naming | None) -> list[float]:
    """Recall@10 of every question."""
    subject, corpus, added = loaded
    found = []
    for dialogue, target in zip(corpus.dialogues, added, strict=True):
        for question in dialogue.questions:
            more: tuple[str, ...] = ()
            if naming is not None:
                queries, outcome = rewrite(question.text, StandIn(naming(question)), 60.0)
                assert outcome == DONE
                more = tuple(queries[1:])
            said = subject.ask(target, question.text, limit=50, as_of=None, more=more)
            found.append(recall_at([f.cited for f in said.found], question.evidence, 10))
    return found


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def lost(fine: Sequence[float], fast: Sequence[float]) -> int:
    """Questions whose recall is less than without further queries."""
    return sum(a < b for a, b in zip(fine, fast, strict=True))


def test_further_queries_find_more_and_lose_nothing(loaded: Loaded) -> None:
    fast, helped, careless = (recalls(loaded, naming) for naming in (None, told, halves))

    assert mean(helped) >= mean(fast) + 0.04
    assert lost(helped, fast) == 0
    assert lost(careless, fast) <= 1
