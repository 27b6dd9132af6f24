"""What `memos models calibrate` measures on: texts, pairs or dialogues, from a file or the store."""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memos.errors import InvalidInputError

if TYPE_CHECKING:
    from memos.cli.stores import Stores
    from memos.evaluation.corpus import Corpus

_QUESTIONS = ("query", "question", "q")
_PASSAGES = ("passage", "answer", "positive", "document", "text", "context")
_TEXTS = ("text", "content", "passage", "document", "memory", "message")
_PAGE = 1000
_MOST_SEGMENTS = 20_000


@dataclass(frozen=True, slots=True)
class Material:
    """Text to measure on.

    Args:
        source: where it came from, in words.
        texts: statements that stand for what is stored.
        pairs: questions with a passage that answers each.
        corpus: the same as dialogues, when searching them can be tried; None for texts alone.
    """

    source: str
    texts: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...] = ()
    corpus: "Corpus | None" = field(default=None, repr=False)


def read_material(path: Path, most: int, seed: int) -> Material:
    """Texts of a file: LoCoMo, JSON lines, or plain lines.

    Args:
        path: the file.
        most: most texts and most questions used; more are sampled.
        seed: of the sample.

    Raises:
        InvalidInputError: it cannot be read, or a line of JSON has neither texts nor a pair.
    """
    from memos.evaluation.formats.reading import read_text

    content = read_text(path)
    if _is_locomo(content):
        return _of_dialogues(path, most, seed)
    lines = [line.strip() for line in content.splitlines() if line.strip()]
    if not any(line.startswith("{") for line in lines):
        return Material(str(path), _sample(lines, most, seed))
    texts, pairs = [], []
    for number, line in enumerate(lines, start=1):
        entry = _object(path, number, line)
        question, passage = _first(entry, _QUESTIONS), _first(entry, _PASSAGES)
        if question and passage:
            pairs.append((question, passage))
        elif text := _first(entry, _TEXTS):
            texts.append(text)
        else:
            raise InvalidInputError(
                f"{path}, line {number}: expected a question and its passage"
                ' ({"query": .., "passage": ..}), or a "text"'
            )
    chosen = _sample(pairs, most, seed)
    return Material(
        str(path),
        _sample([*texts, *(passage for _, passage in pairs)], most, seed),
        chosen,
        corpus_of_pairs(chosen) if chosen else None,
    )


def stored_material(stores: "Stores", project: str | None, most: int, seed: int) -> Material:
    """A sample of the messages in the store, of one project or of all."""
    from memos.types.memory import MemoryKind
    from memos.types.scope import Cube, CubeKind, Scope

    projects = [stores.project(project)] if project else stores.records.projects()
    found: list[tuple[Cube, str]] = []
    for each in projects:
        for cube in stores.graph.cubes(each.id):
            if cube.kind is CubeKind.PUBLIC:
                continue
            for offset in range(0, _MOST_SEGMENTS, _PAGE):
                page = stores.graph.find(
                    Scope.of(cube), frozenset({MemoryKind.SEGMENT}), limit=_PAGE, offset=offset
                )
                found += [(cube, s.message_id) for item in page.items for s in item.sources]
                if offset + _PAGE >= page.total:
                    break
    by_cube: dict[Cube, list[str]] = {}
    for cube, message_id in _sample(list(dict.fromkeys(found)), most, seed):
        by_cube.setdefault(cube, []).append(message_id)
    texts = [m.text for cube, ids in by_cube.items() for m in stores.records.messages(cube, ids)]
    return Material("the messages in the store", tuple(texts))


def corpus_of_pairs(pairs: Sequence[tuple[str, str]]) -> "Corpus":
    """Pairs as one dialogue: a sitting for every passage, and the questions about them."""
    from memos.evaluation.corpus import Corpus, Dialogue, Question, Session, Turn

    places = {passage: f"p{n}" for n, passage in enumerate(dict.fromkeys(p for _, p in pairs))}
    sessions = tuple(
        Session(name, n * 60_000, (Turn(name, "user", "user", passage, n * 60_000),))
        for n, (passage, name) in enumerate(places.items(), start=1)
    )
    questions = tuple(
        Question(f"q{n}", question, "pair", (places[passage],))
        for n, (question, passage) in enumerate(pairs)
    )
    return Corpus("pairs", (Dialogue("pairs", sessions, questions),), {})


def _of_dialogues(path: Path, most: int, seed: int) -> Material:
    """As many whole dialogues as it takes to have enough questions with evidence."""
    from memos.evaluation.corpus import Corpus, Dialogue
    from memos.evaluation.formats import load

    corpus = load("locomo", path)
    kept: list[Dialogue] = []
    pairs: list[tuple[str, str]] = []
    for dialogue in corpus.dialogues:
        if len(pairs) >= most:
            break
        kept.append(dialogue)
        said = {turn.id: turn.message for turn in dialogue.turns()}
        names = {re.escape(turn.speaker) for turn in dialogue.turns()}
        # As in a search: names become cues and leave the words that are embedded.
        named = re.compile(rf"\b(?:{'|'.join(sorted(names))})\b(?:'s)?")
        pairs += [
            (named.sub("", q.text), said[q.evidence[0]]) for q in dialogue.questions if q.evidence
        ]
    texts = [turn.message for dialogue in kept for turn in dialogue.turns()]
    return Material(
        f"{path}, {len(kept)} of {len(corpus.dialogues)} dialogues",
        _sample(texts, most, seed),
        _sample(pairs, most, seed),
        Corpus(corpus.name, tuple(kept), corpus.notes),
    )


def _is_locomo(content: str) -> bool:
    try:
        found = json.loads(content)
    except ValueError:
        return False
    first = found[0] if isinstance(found, list) and found else found
    return isinstance(first, dict) and "conversation" in first


def _object(path: Path, number: int, line: str) -> Mapping[str, Any]:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise InvalidInputError(f"{path}, line {number}: is not valid JSON") from error
    if not isinstance(found, dict):
        raise InvalidInputError(f"{path}, line {number}: is not a JSON object")
    return found


def _first(entry: Mapping[str, Any], names: Sequence[str]) -> str:
    values: Iterator[object] = (entry.get(name) for name in names)
    return next((v.strip() for v in values if isinstance(v, str) and v.strip()), "")


def _sample(values: Sequence[Any], most: int, seed: int) -> tuple[Any, ...]:
    if len(values) <= most:
        return tuple(values)
    return tuple(random.Random(seed).sample(list(values), most))
