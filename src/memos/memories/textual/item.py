"""Memories as the library classes hand them out, in the documented form."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

PreferenceType = Literal["explicit_preference", "implicit_preference"]


class PreferenceTextualMemoryMetadata(BaseModel):
    """What is known of a preference beside its text. Fields that are not known are kept.

    Args:
        preference_type: said, or drawn from what was chosen.
        dialog_id: the dialogue it was told in.
        original_text: the words it rests on.
        embedding: vector of those words; None where it was not asked for.
        preference: the preference.
        reasoning: why it was drawn.
        create_at: when it was told, ISO 8601, UTC.
        mem_cube_id: the cube it lives in.
        user_id: whose preference it is.
        tags: labels.
        confidence: 0..1.
        status: place in its life.
        score: relevance to the query, 0..1, in results of a search.
    """

    model_config = ConfigDict(extra="allow")

    preference_type: PreferenceType = "explicit_preference"
    dialog_id: str | None = None
    original_text: str | None = None
    embedding: list[float] | None = None
    preference: str | None = None
    reasoning: str | None = None
    create_at: str | None = None
    mem_cube_id: str | None = None
    user_id: str | None = None
    tags: list[str] = Field(default_factory=list)
    confidence: float = Field(default=0.99, ge=0, le=1)
    status: str = "activated"
    score: float | None = None


class TextualMemoryItem(BaseModel):
    """A memory.

    Args:
        id: unique; given by the memory it is added to when left out.
        memory: its text.
        metadata: what is known of it beside.
    """

    id: str | None = None
    memory: str = Field(min_length=1)
    metadata: PreferenceTextualMemoryMetadata = Field(
        default_factory=PreferenceTextualMemoryMetadata
    )

    @property
    def plain(self) -> dict[str, Any]:
        """As JSON, without what can be made again."""
        return self.model_dump(mode="json", exclude={"metadata": {"embedding", "score"}})
