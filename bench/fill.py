"""Fills a data folder fast, in process: what the server would have stored, without its reader.

Per statement: one message, one segment (words, vector), one memory derived from it. The vectors
are those of a pool of embedded statements with some noise, so that 100,000 need not be embedded.
"""

import random
from pathlib import Path

import numpy as np

from bench.server import KEY
from bench.texts import statement
from memos.configs.settings import Settings
from memos.graph_dbs.base import NodeWrite
from memos.mem_os.bootstrap import System, build
from memos.mem_scheduler.ingest import segment_nodes
from memos.memories.textual.tree_text_memory.organize.normalise import content_hash
from memos.records.base import NewMessage, NewTask
from memos.types.clock import derived_id
from memos.types.memory import Edge, EdgeKind, MemoryItem, MemoryKind, Source
from memos.types.message import Message
from memos.types.scope import Cube, CubeKind, Scope

_POOL = 1000
_MESSAGES_PER_ADD = 50
_ADDS_PER_PUT = 10
_NOISE = 0.4


class _Pool:
    """An `Embedder` that answers from a pool: right length and spread, not the right meaning."""

    def __init__(self, system: System, chance: random.Random) -> None:
        texts = [statement(chance, chance.randrange(10**6)) for _ in range(_POOL)]
        self._vectors = system.embedder.embed(texts)
        self._random = np.random.default_rng(chance.randrange(2**32))
        self.profile = system.embedder.profile

    def embed(self, texts: list[str], *, query: bool = False) -> np.ndarray:  # noqa: ARG002
        """As `Embedder.embed`."""
        picked = self._vectors[self._random.integers(_POOL, size=len(texts))]
        noise = self._random.standard_normal(picked.shape) * _NOISE / np.sqrt(picked.shape[1])
        mixed = picked + noise
        unit: np.ndarray = (mixed / np.linalg.norm(mixed, axis=1, keepdims=True)).astype(np.float32)
        return unit

    def close(self) -> None:
        """Nothing to close."""


def fill(data_dir: Path, sizes: dict[str, int], seed: int = 1) -> None:
    """Put memories into the cubes of users, in the project of the benchmark's key.

    Args:
        data_dir: the folder; no server runs on it.
        sizes: memories by user id.
        seed: of the texts.
    """
    settings = Settings(data_dir=data_dir, bootstrap_api_key=KEY, embedded_worker=False)
    system = build(settings)
    try:
        system.start()
        chance = random.Random(seed)
        project = system.records.projects()[0].id
        pool = _Pool(system, chance)
        for user, size in sizes.items():
            _fill_cube(system, Cube(project, CubeKind.USER, user), size, (pool, chance))
        while (task := system.records.claim("bench", 60)) is not None:
            system.records.complete(task.lease)
    finally:
        system.close()


def _fill_cube(system: System, cube: Cube, size: int, source: tuple[_Pool, random.Random]) -> None:
    pool, chance = source
    nodes: list[NodeWrite] = []
    edges: list[Edge] = []
    for start in range(0, size, _MESSAGES_PER_ADD):
        count = min(_MESSAGES_PER_ADD, size - start)
        messages = _accept(system, cube, (start, count), chance)
        now = system.clock.now_ms()
        evidence = segment_nodes(cube, messages, pool, now)
        memories = [
            _memory(cube, message, now, node.item.id)
            for message, node in zip(messages, evidence, strict=True)
        ]
        vectors = pool.embed([m.value for m, _ in memories])
        nodes += evidence
        nodes += [NodeWrite(m, vector=v) for (m, _), v in zip(memories, vectors, strict=True)]
        edges += [edge for _, edge in memories]
        if start // _MESSAGES_PER_ADD % _ADDS_PER_PUT == _ADDS_PER_PUT - 1:
            system.graph.put(Scope.of(cube), nodes, edges)
            nodes, edges = [], []
    if nodes:
        system.graph.put(Scope.of(cube), nodes, edges)


def _accept(
    system: System, cube: Cube, part: tuple[int, int], chance: random.Random
) -> list[Message]:
    start, count = part
    now = system.clock.now_ms()
    messages = [
        NewMessage(
            derived_id(cube.uid, "bench", start + i),
            "user",
            statement(chance, start + i),
            now - chance.randrange(10**10),
        )
        for i in range(count)
    ]
    task = NewTask(derived_id(cube.uid, "bench-task", start), "bench")
    return system.records.accept(cube, f"c{start // 1000}", messages, task)


def _memory(cube: Cube, message: Message, now: int, segment: str) -> tuple[MemoryItem, Edge]:
    item = MemoryItem(
        id=derived_id(message.id, "memory"),
        cube=cube,
        kind=MemoryKind.LONG_TERM,
        value=message.text,
        key=message.text[:40],
        speaker="user",
        event_from=message.chat_time,
        created_at=now,
        updated_at=now,
        ordinal=message.sequence * 1000,
        content_hash=content_hash(message.text),
        sources=(Source(message.id, "user", 0, len(message.text), message.chat_time),),
        conversation_id=message.conversation_id,
    )
    return item, Edge(item.id, EdgeKind.DERIVED_FROM, segment)
