import os
import threading
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from memos.embedders.base import EmbedderProfile
from memos.embedders.batching import BatchingEmbedder
from memos.errors import ModelReplyError, ModelUnavailableError
from memos.types.clock import SystemClock


class Gated:
    """An encoder that counts, and waits at a gate when told to."""

    profile = EmbedderProfile("gated", 2, 1.0, 0.0)

    def __init__(self) -> None:
        self.batches: list[tuple[bool, list[str]]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.failure: BaseException | None = None
        self.short = False
        self.closed = 0

    def embed(self, texts: Sequence[str], *, query: bool = False) -> np.ndarray:
        self.batches.append((query, list(texts)))
        self.entered.set()
        self.gate.wait()
        if self.failure:
            raise self.failure
        rows = [[len(text), 1.0] for text in texts]
        return np.asarray(rows[1:] if self.short else rows, dtype=np.float32).reshape(-1, 2)

    def close(self) -> None:
        self.closed += 1


class Crowd:
    """Callers in threads of their own, and what became of them."""

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []
        self.results: dict[str, object] = {}

    def call(self, embedder: BatchingEmbedder, *texts: str, query: bool = False) -> None:
        def run() -> None:
            try:
                self.results[texts[0]] = embedder.embed(texts, query=query)
            except (ModelUnavailableError, ModelReplyError, ValueError) as error:
                self.results[texts[0]] = error

        thread = threading.Thread(target=run)
        thread.start()
        self.threads.append(thread)

    def join(self) -> None:
        for thread in self.threads:
            thread.join(10)
            assert not thread.is_alive()


def until(holds: Callable[[], bool]) -> None:
    """Give other threads the processor until something holds."""
    for _ in range(200_000):
        if holds():
            return
        os.sched_yield()
    pytest.fail("never came true")


@pytest.fixture
def inner() -> Gated:
    return Gated()


def waiting(embedder: BatchingEmbedder) -> int:
    return embedder._waiting()


def hold(embedder: BatchingEmbedder, inner: Gated, crowd: Crowd) -> None:
    """Make the encoder busy with one text, so that what follows has to wait."""
    inner.gate.clear()
    crowd.call(embedder, "busy")
    assert inner.entered.wait(10)


def test_a_cached_text_is_not_encoded_again(inner: Gated) -> None:
    embedder = BatchingEmbedder(inner, SystemClock())
    first, second = embedder.embed(["abc"]), embedder.embed(["abc"])
    assert np.array_equal(first, second)
    assert len(inner.batches) == 1
    embedder.close()


def test_questions_and_statements_are_cached_apart(inner: Gated) -> None:
    embedder = BatchingEmbedder(inner, SystemClock())
    embedder.embed(["abc"])
    embedder.embed(["abc"], query=True)
    assert [query for query, _ in inner.batches] == [False, True]
    embedder.close()


def test_the_cache_keeps_its_size_and_drops_the_least_used(inner: Gated) -> None:
    one_entry = 8 + 320
    embedder = BatchingEmbedder(inner, SystemClock(), cache_bytes=2 * one_entry)
    for text in ("a", "bb", "a", "ccc", "a", "bb"):
        embedder.embed([text])
    encoded = [texts[0] for _, texts in inner.batches]
    assert encoded == ["a", "bb", "ccc", "bb"]
    assert embedder._cache._used <= 2 * one_entry
    assert all(vector.base is None for vector in embedder._cache._entries.values())
    embedder.close()


def test_without_a_cache_every_call_encodes(inner: Gated) -> None:
    embedder = BatchingEmbedder(inner, SystemClock(), cache_bytes=0)
    embedder.embed(["a"])
    embedder.embed(["a"])
    assert len(inner.batches) == 2
    embedder.close()


def test_what_waits_becomes_one_batch_and_equal_texts_one_slot(inner: Gated) -> None:
    embedder, crowd = BatchingEmbedder(inner, SystemClock()), Crowd()
    hold(embedder, inner, crowd)
    for text in ("a", "bb", "ccc"):
        crowd.call(embedder, text, "shared")
    until(lambda: waiting(embedder) == 4)
    inner.gate.set()
    crowd.join()
    assert len(inner.batches) == 2
    assert sorted(inner.batches[1][1]) == ["a", "bb", "ccc", "shared"]
    assert np.array_equal(crowd.results["bb"], [[2, 1], [6, 1]])
    embedder.close()


def test_questions_go_before_statements_that_came_earlier(inner: Gated) -> None:
    embedder, crowd = BatchingEmbedder(inner, SystemClock(), batch_size=2), Crowd()
    hold(embedder, inner, crowd)
    crowd.call(embedder, "s1", "s2", "s3")
    until(lambda: waiting(embedder) == 3)
    crowd.call(embedder, "q1", query=True)
    until(lambda: waiting(embedder) == 4)
    inner.gate.set()
    crowd.join()
    assert inner.batches[1:] == [(True, ["q1"]), (False, ["s1", "s2"]), (False, ["s3"])]
    embedder.close()


def test_a_full_queue_makes_callers_wait_and_then_serves_them(inner: Gated) -> None:
    embedder, crowd = BatchingEmbedder(inner, SystemClock(), queue_size=3), Crowd()
    hold(embedder, inner, crowd)
    crowd.call(embedder, *[f"text {i}" for i in range(20)])
    until(lambda: waiting(embedder) == 3)
    inner.gate.set()
    crowd.join()
    assert np.shape(crowd.results["text 0"]) == (20, 2)
    embedder.close()


@pytest.mark.parametrize("failure", [ModelUnavailableError("down"), ValueError("a defect")])
def test_a_failure_reaches_every_waiting_caller_and_later_ones_are_served(
    inner: Gated, failure: Exception
) -> None:
    embedder, crowd = BatchingEmbedder(inner, SystemClock()), Crowd()
    hold(embedder, inner, crowd)
    crowd.call(embedder, "a")
    crowd.call(embedder, "bb")
    until(lambda: waiting(embedder) == 2)
    inner.failure = failure
    inner.gate.set()
    crowd.join()
    assert list(crowd.results.values()) == [failure] * 3
    inner.failure = None
    assert np.array_equal(embedder.embed(["a"]), [[1, 1]])
    embedder.close()


def test_an_encoder_that_answers_too_few_vectors_is_an_error(inner: Gated) -> None:
    embedder = BatchingEmbedder(inner, SystemClock())
    inner.short = True
    with pytest.raises(ModelReplyError):
        embedder.embed(["a", "b"])
    embedder.close()


def test_closing_fails_who_waits_ends_the_thread_and_closes_the_encoder(inner: Gated) -> None:
    others = set(threading.enumerate())  # the session's own encoder may have a thread, too
    embedder, crowd = BatchingEmbedder(inner, SystemClock(), queue_size=2), Crowd()
    hold(embedder, inner, crowd)
    crowd.call(embedder, "in the queue")
    until(lambda: waiting(embedder) == 1)
    crowd.call(embedder, "too", "waits for room")
    until(lambda: waiting(embedder) == 2)
    closing = threading.Thread(target=embedder.close)
    closing.start()
    until(lambda: embedder._closed)
    inner.gate.set()
    closing.join(10)
    crowd.join()
    assert np.array_equal(crowd.results["busy"], [[4, 1]])
    assert isinstance(crowd.results["in the queue"], ModelUnavailableError)
    assert isinstance(crowd.results["too"], ModelUnavailableError)
    left = set(threading.enumerate()) - others
    assert not [t for t in left if t.name == "memos-embedder"]
    with pytest.raises(ModelUnavailableError, match="closed"):
        embedder.embed(["late"])
    embedder.close()
    assert inner.closed >= 1


def test_a_caller_alone_encodes_in_its_own_thread(inner: Gated) -> None:
    before = threading.active_count()
    embedder = BatchingEmbedder(inner, SystemClock())
    embedder.embed(["a", "b"])
    assert threading.active_count() == before
    embedder.close()


def test_more_texts_than_the_queue_holds_are_encoded_for_a_caller_alone(inner: Gated) -> None:
    embedder = BatchingEmbedder(inner, SystemClock(), batch_size=2, queue_size=3)
    assert embedder.embed([f"text {i}" for i in range(20)]).shape == (20, 2)
    embedder.close()


def test_an_interrupted_caller_leaves_the_encoder_usable(inner: Gated) -> None:
    embedder = BatchingEmbedder(inner, SystemClock())
    inner.failure = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        embedder.embed(["a"])
    inner.failure = None
    assert embedder.embed(["a"]).shape == (1, 2)
    embedder.close()


def test_making_one_starts_no_thread(inner: Gated) -> None:
    before = threading.active_count()
    embedder = BatchingEmbedder(inner, SystemClock())
    assert threading.active_count() == before
    embedder.close()
