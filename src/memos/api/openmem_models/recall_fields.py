"""What every request that recalls memories may say of them."""

from pydantic import Field

from memos.api.openmem_models.fields import (
    FilterObject,
    Flag,
    KnowledgebaseIds,
    ResultLimit,
    Threshold,
    WireModel,
)


class RecallFields(WireModel):
    """Where to look, and how much to find."""

    filter: FilterObject = None
    knowledgebase_ids: KnowledgebaseIds = None
    memory_limit_number: ResultLimit = Field(9, description="Most facts; brought into 0..25.")
    include_preference: Flag = Field(True, description="Also preferences.")
    preference_limit_number: ResultLimit = Field(
        9, description="Most preferences; brought into 0..25."
    )
    relativity: Threshold = Field(
        None,
        description="Least relevance, a number from 0 to 1. Absent: the default threshold; 0: "
        "no threshold.",
        examples=[0.45],
    )
