"""Connects what is learnt about tools and skills to the stores and the model."""

from memos.configs.settings import Settings
from memos.handlers.erase import EraseMemories
from memos.mem_os.feedback import Stores
from memos.mem_os.models import configured_llm
from memos.mem_reader.skills.model import ModelWriter
from memos.mem_reader.skills.task import TaskReader
from memos.mem_reader.tools.model import ModelTeller
from memos.mem_reader.tools.reader import ToolReader
from memos.mem_scheduler.conceal import ConcealedMessages
from memos.mem_scheduler.ingest import Ingest
from memos.mem_scheduler.skill_learning import SkillLearning, SkillTrigger
from memos.mem_scheduler.tool_learning import ToolLearning
from memos.memories.textual.skill_memory import SkillMemories
from memos.memories.textual.tool import ToolMemories
from memos.types.clock import Clock


def connect_tools(
    settings: Settings, stores: Stores, ingest: Ingest, erase: EraseMemories, *, clock: Clock
) -> None:
    """Let every add learn about tools, and every erasure forget it."""
    memories = ToolMemories(stores.graph, stores.embedder, clock)
    told = ConcealedMessages(stores.records, settings.secrets)
    llm = configured_llm(settings, clock, stores.spending.guards, "tools")
    reader = ToolReader(None if llm is None else ModelTeller(llm))
    ingest.companions += (ToolLearning(told, reader, memories),)
    erase.dependents += (memories,)


def connect_skills(
    settings: Settings, stores: Stores, ingest: Ingest, erase: EraseMemories, *, clock: Clock
) -> SkillLearning:
    """Let adds queue the learning of skills, and erasures forget it; the job behind."""
    embedder = stores.embedder
    memories = SkillMemories(stores.graph, embedder, clock)
    llm = configured_llm(settings, clock, stores.spending.guards, "skills")
    ingest.companions += (SkillTrigger(stores.records),)
    erase.dependents += (memories,)
    return SkillLearning(
        ConcealedMessages(stores.records, settings.secrets),
        TaskReader(embedder.embed, lambda: embedder.profile.mean_cosine),
        memories,
        writer=None if llm is None else ModelWriter(llm),
        gate=ingest.gate,
    )
