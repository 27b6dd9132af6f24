"""Connects feedback to the stores, the reader and the eraser."""

from collections.abc import Sequence
from dataclasses import dataclass

from memos.configs.settings import Settings
from memos.graph_dbs.base import GraphStore
from memos.handlers.caller import Caller
from memos.handlers.erase import EraseMemories
from memos.mem_feedback.apply import FeedbackJob, FeedbackParts
from memos.mem_feedback.model import ModelJudge
from memos.mem_feedback.rules import RuleJudge
from memos.mem_os.active_embedder import ActiveEmbedder
from memos.mem_os.models import configured_llm
from memos.mem_os.usage import Spending
from memos.mem_reader.rules import RuleReader
from memos.mem_scheduler.gate import SubjectGate
from memos.records.base import Records
from memos.records.files import FileStore
from memos.types.clock import Clock
from memos.types.scope import Cube

_ACTOR = "feedback"
"""Who the audit trail names for memories erased because a user asked to forget them."""


@dataclass(frozen=True, slots=True)
class Stores:
    """What is read and written."""

    records: Records
    graph: GraphStore
    embedder: ActiveEmbedder
    files: FileStore
    clock: Clock
    spending: Spending


def build_feedback(
    settings: Settings, stores: Stores, *, erase: EraseMemories, gate: SubjectGate, clock: Clock
) -> FeedbackJob:
    """The job behind add/feedback; the model judges when there is one, else the rules."""

    def forget(cube: Cube, ids: Sequence[str]) -> object:
        return erase.by_ids(Caller(cube.project, _ACTOR), ids)

    llm = configured_llm(settings, clock, stores.spending.guards, "feedback")
    parts = FeedbackParts(
        stores.records,
        stores.graph,
        stores.embedder,
        reader=RuleReader(zone=settings.zone),
        judge=RuleJudge() if llm is None else ModelJudge(llm),
        erase=forget,
        gate=gate,
        clock=clock,
        secrets=settings.secrets,
    )
    return FeedbackJob(parts)
