"""A reranking service over HTTP: the Jina, Cohere and vLLM form, and that of text-embeddings-inference.

Must not: log texts, or pass on what the server says, which may repeat the key.
"""

import asyncio
import logging
import math
import random
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from memos.endpoints.refusal import PASSING, refused, retry_after_s
from memos.errors import ModelReplyError, ModelUnavailableError
from memos.reranker.base import as_relevance
from memos.types.clock import Clock

if TYPE_CHECKING:
    import httpx

_LOG = logging.getLogger(__name__)
_REFUSED_FORM = frozenset({400, 422})
_FIRST_PAUSE_S = 0.05
_MOST_TRIES = 4
_DOCUMENTS, _TEXTS = "documents", "texts"
_UNREACHABLE = "the reranker cannot be reached; check its address"

_Question = tuple[str, Sequence[str]]
"""Query and texts."""


@dataclass(frozen=True, slots=True)
class RerankEndpoint:
    """Where a reranker answers.

    Args:
        url: address; `/rerank` is added to a bare host or one that ends with a version (`/v1`).
        model: name at the service; None for services of one model.
        api_key: key; None for services that ask for none.
        headers: sent along with every request; may hold a key.
    """

    url: str
    model: str | None = None
    api_key: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Text without the key."""
        return f"RerankEndpoint(url={self.url!r}, model={self.model!r})"


class HttpReranker:
    """A reranker at an endpoint. Safe to call from several threads.

    Calls run on an event loop of their own, in a thread made at the first call, because only there
    can a request be cancelled at any point: `timeout_s` holds for connecting, waiting, reading and
    trying again together. A server that refuses `documents` is asked with `texts`; what it took is
    remembered.

    Args:
        endpoint: where it answers.
        clock: bounds the tries.
    """

    def __init__(self, endpoint: RerankEndpoint, clock: Clock) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._lock = threading.Lock()
        self._running: _Running | None = None
        self._field = _DOCUMENTS
        self._logits = False

    @property
    def name(self) -> str:
        """`http` and the model's name."""
        return f"http:{self._endpoint.model}" if self._endpoint.model else "http"

    def rerank(self, query: str, texts: Sequence[str], *, timeout_s: float) -> list[float]:
        """As the port. Refused or broken calls are tried again while there is time.

        Scores outside 0..1 are taken as logits, from then on for this service.
        """
        if not texts:
            return []
        answer = self._run(query, texts, timeout_s)
        scores = _scores(answer, len(texts))
        self._logits = self._logits or any(not 0.0 <= score <= 1.0 for score in scores)
        return as_relevance(scores, logits=self._logits)

    def close(self) -> None:
        """Break off calls under way, release connections and end the thread.

        The next call starts anew.
        """
        with self._lock:
            running, self._running = self._running, None
        if running is not None:
            asyncio.run_coroutine_threadsafe(_shut(running.client), running.loop).result()
            running.loop.call_soon_threadsafe(running.loop.stop)
            running.thread.join()

    def _run(self, query: str, texts: Sequence[str], timeout_s: float) -> object:
        with self._lock:
            # Here and not in the loop, which importing and reading certificates would hold up.
            running = self._running = self._running or _start()
            work = self._within(running.client, (query, texts), timeout_s)
            future = asyncio.run_coroutine_threadsafe(work, running.loop)
        try:
            return future.result()
        except CancelledError as error:
            raise ModelUnavailableError("the reranker was closed") from error

    async def _within(
        self, client: "httpx.AsyncClient", question: _Question, timeout_s: float
    ) -> object:
        try:
            return await asyncio.wait_for(self._ask(client, question, timeout_s), timeout_s)
        except asyncio.TimeoutError as error:
            raise ModelUnavailableError("the reranker did not answer in time") from error

    async def _ask(
        self, client: "httpx.AsyncClient", question: _Question, timeout_s: float
    ) -> object:
        import httpx

        until = self._clock.monotonic() + timeout_s
        for attempt in range(1, _MOST_TRIES + 1):
            pause = _FIRST_PAUSE_S * 2 ** (attempt - 1) * random.uniform(0.75, 1.0)
            last = attempt == _MOST_TRIES or self._clock.monotonic() + pause >= until
            try:
                answer = await self._post(client, question, self._field)
            except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
                raise ModelUnavailableError("the reranker's address is no web address") from error
            except httpx.HTTPError as error:
                if last:
                    raise ModelUnavailableError(_UNREACHABLE) from error
            else:
                if answer.status_code in _REFUSED_FORM and self._field == _DOCUMENTS:
                    answer = await self._post_as_texts(client, question, answer)
                if answer.is_success:
                    return _json(answer)
                pause = retry_after_s(answer.headers, self._clock.now_ms()) or pause
                last = last or self._clock.monotonic() + pause >= until
                if last or answer.status_code not in PASSING:
                    raise refused("the reranker", answer.status_code, answer.headers)
            _LOG.info("reranker asked again", extra={"reranker": self.name, "attempt": attempt})
            await asyncio.sleep(pause)
        raise ModelUnavailableError(_UNREACHABLE)

    async def _post_as_texts(
        self, client: "httpx.AsyncClient", question: _Question, refused: "httpx.Response"
    ) -> "httpx.Response":
        """Ask in the other form; keep to it when it is taken, else give back the first refusal."""
        answer = await self._post(client, question, _TEXTS)
        if not answer.is_success:
            return refused
        self._field = _TEXTS
        return answer

    async def _post(
        self, client: "httpx.AsyncClient", question: _Question, field: str
    ) -> "httpx.Response":
        query, texts = question
        body: dict[str, Any] = {"query": _sendable(query), field: [_sendable(t) for t in texts]}
        # text-embeddings-inference refuses long texts unless told to cut them.
        body |= {"truncate": True} if field == _TEXTS else {"top_n": len(texts)}
        if self._endpoint.model:
            body["model"] = self._endpoint.model
        key = self._endpoint.api_key
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        headers |= self._endpoint.headers
        return await client.post(address(self._endpoint.url), json=body, headers=headers)


class _Running(NamedTuple):
    """An event loop in a thread, and the connections that live in it."""

    loop: asyncio.AbstractEventLoop
    thread: threading.Thread
    client: "httpx.AsyncClient"


def _start() -> _Running:
    import httpx

    client = httpx.AsyncClient(timeout=None)  # noqa: S113 - each call is bounded as a whole
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=_serve, args=(loop,), name="memos-rerank-http", daemon=True)
    thread.start()
    return _Running(loop, thread, client)


async def _shut(client: "httpx.AsyncClient") -> None:
    """Break off the loop's calls and release its connections."""
    calls = asyncio.all_tasks() - {asyncio.current_task()}
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    await client.aclose()


def _sendable(text: str) -> str:
    """The text without lone surrogates, which the store may hold when a client did send them."""
    return text.encode("utf-8", "replace").decode("utf-8")


def address(url: str) -> str:
    """Where to post: `/rerank` is added to a bare host and to one that ends with `/v` and a digit."""
    base = url.rstrip("/")
    _, _, path = base.partition("://")[2].partition("/")
    last = path.rpartition("/")[2]
    versioned = len(last) == 2 and last[0] == "v" and last[1].isdigit()
    return f"{base}/rerank" if not path or versioned else base


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    """Run a loop until it is stopped."""
    try:
        loop.run_forever()
    finally:
        loop.close()


def _json(answer: "httpx.Response") -> object:
    try:
        found: object = answer.json()
    except ValueError as error:
        raise ModelReplyError("the reranker answered no JSON; check its address") from error
    return found


def _scores(answer: object, count: int) -> list[float]:
    """One score a text, whichever of the two forms the answer has.

    Raises:
        ModelReplyError: it has neither, or a text has no score or two.
    """
    listed = answer
    if isinstance(answer, dict):
        inner = answer.get("data")
        listed = answer.get("results", inner)
        if listed is inner and isinstance(inner, dict):
            listed = inner.get("results")
    if not isinstance(listed, list):
        raise ModelReplyError("the reranker's answer has no list of results")
    scores: dict[int, float] = {}
    for entry in listed:
        index, score = _entry(entry)
        if index in scores or not 0 <= index < count:
            raise ModelReplyError("the reranker's answer names a text twice or one never sent")
        scores[index] = score
    if len(scores) < count:
        raise ModelReplyError("the reranker scored fewer texts than were sent")
    return [scores[index] for index in range(count)]


def _entry(entry: object) -> tuple[int, float]:
    found = entry if isinstance(entry, dict) else {}
    index, score = found.get("index"), found.get("relevance_score", found.get("score"))
    # Not isinstance: True and False are integers to Python.
    if type(index) is int and type(score) in {int, float} and math.isfinite(float(score or 0)):
        return index, float(score or 0)
    raise ModelReplyError("a result of the reranker has no index or no score")
