"""The life of memories: defaults of every project's policy."""

from pydantic import BaseModel

from memos.configs.sections.setting import setting


class LifecycleSettings(BaseModel):
    """How many memories are kept in use, how fast they age, and when they are cared for."""

    working_capacity: int = setting(
        20, "Working memories kept in use per user; 0 for no limit.", "Lifecycle", ge=0
    )
    user_capacity: int = setting(
        500, "User memories kept in use per user; 0 for no limit.", "Lifecycle", ge=0
    )
    long_term_capacity: int = setting(
        2000, "Long-term memories kept in use per user; 0 for no limit.", "Lifecycle", ge=0
    )
    maintain_hours: float = setting(
        24.0,
        "Hours between two runs of the care for memories (expiry, capacity); 0 leaves it to"
        " `memos maintain`.",
        "Lifecycle",
        ge=0,
    )
