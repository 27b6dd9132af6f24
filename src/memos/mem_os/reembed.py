"""Warms the embedder; when it changed, re-embeds in the background and switches without downtime."""

import logging
import threading

from memos.endpoints.usage import NOBODY, REEMBEDDING, Account, Shares, shared_by
from memos.errors import MemosError
from memos.graph_dbs.base import GraphStore
from memos.log import origin_of
from memos.mem_feedback.feedback import TASK_MARK
from memos.mem_os.active_embedder import ActiveEmbedder
from memos.mem_scheduler.document import passage_text
from memos.records.base import MessageRecords
from memos.types.holiday import find_holidays
from memos.types.memory import ORIGIN, MemoryItem, MemoryKind
from memos.types.message import ROLES
from memos.types.scope import Cube, CubeKind, Scope

logger = logging.getLogger(__name__)

_BATCH = 64
_RETRY_S = 10.0


class Reembedder:
    """Brings the store's vectors to the configured embedder.

    Until every node has a vector of the new embedder beside the old one, the old vectors stay in
    use; then they are swapped in one transaction.

    Args:
        graph: holds the vectors.
        messages: hold the text of segments.
        embedder: knows the configured encoder, and is told of the switch.
    """

    def __init__(
        self, graph: GraphStore, messages: MessageRecords, embedder: ActiveEmbedder
    ) -> None:
        self._graph = graph
        self._messages = messages
        self._embedder = embedder
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start in the background."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name="memos-reembed", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the batch under way; the next start goes on where this one was."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(30)
            self._thread = None

    def bring_up_to_date(self) -> int:
        """Re-embed what is not of the configured embedder yet; the number of vectors made.

        Raises:
            ModelUnavailableError: the configured embedder cannot be reached.
        """
        profile = self._embedder.target.profile
        current = self._graph.embedder_name()
        if current is None:
            self._graph.adopt_embedder(profile.name, profile.dim)
        made = 0
        if current not in {None, profile.name}:
            logger.info("embedder changed", extra={"old": current, "new": profile.name})
            made = self._catch_up(profile.name)
            if self._stop.is_set():
                return made
            self._graph.switch_embedder(profile.name, profile.dim)
            self._embedder.switched()
            logger.info("embedder switched", extra={"new": profile.name, "vectors": made})
        return made + self._bring_in_stragglers(profile.name, profile.dim)

    def _bring_in_stragglers(self, name: str, dim: int) -> int:
        """Embed what was written in the old space just before the switch, or without any vector."""
        made = self._catch_up(name)
        if made:
            self._graph.switch_embedder(name, dim)
        return made

    def _run(self) -> None:
        self._warm_up()
        while not self._stop.is_set():
            try:
                self.bring_up_to_date()
            except MemosError as error:
                logger.warning("re-embedding waits", extra={"code": error.code})
            except Exception as error:  # noqa: BLE001 - task edge: logged, tried again
                logger.warning(
                    "re-embedding waits",
                    extra={"error": type(error).__name__, "at": origin_of(error)},
                )
            else:
                return
            self._stop.wait(_RETRY_S)

    def _warm_up(self) -> None:
        """Load what the first request would otherwise wait for."""
        try:
            self._embedder.embed(["warm up"])
            find_holidays("Easter")[0].days(2024)
        except MemosError as error:
            logger.warning("embedder not ready", extra={"code": error.code})

    def _catch_up(self, name: str) -> int:
        made = 0
        while not self._stop.is_set():
            stale = self._graph.stale_vectors(name, _BATCH)
            if not stale:
                break
            texts = self._texts([(cube, node_id) for cube, node_id, _ in stale])
            with shared_by(_shares(stale)):
                vectors = self._embedder.target.embed(list(texts.values()))
            self._graph.put_shadow_vectors(name, dict(zip(texts, vectors, strict=True)))
            made += len(texts)
        return made

    def _texts(self, nodes: list[tuple[Cube, str]]) -> dict[str, str]:
        """What to embed of each node: the words it rests on, else its value."""
        by_cube: dict[Cube, list[str]] = {}
        for cube, node_id in nodes:
            by_cube.setdefault(cube, []).append(node_id)
        texts = {}
        for cube, ids in by_cube.items():
            for item in self._graph.get(Scope.of(cube), ids):
                texts[item.id] = self._text(item) or item.value
        return texts

    def _text(self, item: MemoryItem) -> str:
        if item.kind is MemoryKind.DOCUMENT:
            return passage_text(item)
        if not item.sources or TASK_MARK in item.info:  # its text is no longer its message's
            return ""
        source = item.sources[0]
        if source.file_id is not None:
            return ""
        origin = item.info.get(ORIGIN)
        owner = Cube.parse(origin) if isinstance(origin, str) else item.cube
        found = self._messages.messages(owner, [source.message_id])
        text = found[0].text[source.start : source.end] if found else ""
        named = item.kind is MemoryKind.SEGMENT and item.speaker not in ROLES
        return f"{item.speaker}: {text}" if named and not text.startswith(item.speaker) else text


def _shares(stale: list[tuple[Cube, str, str]]) -> Shares:
    """Who pays for a batch: the projects of its nodes; nobody for what several projects share."""
    weights: dict[Account, int] = {}
    for cube, _, words in stale:
        shared = cube.kind is CubeKind.KNOWLEDGEBASE
        account = Account(NOBODY if shared else cube.project, REEMBEDDING)
        weights[account] = weights.get(account, 0) + max(1, len(words))
    return tuple(weights.items())
