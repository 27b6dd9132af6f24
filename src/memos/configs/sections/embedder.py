"""The embedder."""

from typing import Any

from pydantic import BaseModel, SecretStr, field_validator

from memos.configs.embedder import EmbedderConfigFactory
from memos.configs.sections.setting import HTTP_ADDRESS, setting


class EmbedderSettings(BaseModel):
    """Which embedder makes the vectors."""

    @field_validator("embedder_backend", mode="after")
    @classmethod
    def _known_embedder(cls, value: str) -> str:
        return EmbedderConfigFactory.known(value)

    embedder_backend: str = setting(
        "use_multilingual",
        "`use_multilingual` is bundled and needs nothing; `universal_api` (also `openai`) is any"
        " OpenAI-compatible endpoint, `ollama` an Ollama; `onnx`, `sentence_transformer` and"
        " `fastembed` run a model from a folder.",
        "Embedder",
        "MOS_EMBEDDER_BACKEND",
    )
    embedder_model: str | None = setting(
        None,
        "Model name at the endpoint, or folder of a local model.",
        "Embedder",
        "MOS_EMBEDDER_MODEL",
    )
    embedder_api_base: str | None = setting(
        None,
        "Base URL of the endpoint; empty means the usual one of the backend.",
        "Embedder",
        "MOS_EMBEDDER_API_BASE",
        "OPENAI_API_BASE",
        pattern=HTTP_ADDRESS,
    )
    embedder_api_key: SecretStr | None = setting(
        None, "Key of the endpoint.", "Embedder", "MOS_EMBEDDER_API_KEY", "OPENAI_API_KEY"
    )
    embedder_dimension: int | None = setting(
        None,
        "Length of its vectors; empty means whatever the endpoint answers.",
        "Embedder",
        "EMBEDDING_DIMENSION",
        ge=1,
        le=16384,
    )
    embedder_dense_weight: float | None = setting(
        None,
        "Weight of the cosine against the keyword score; empty means the encoder's own, measured"
        " at first use for an endpoint.",
        "Embedder",
        gt=0,
    )
    embedder_mean_cosine: float | None = setting(
        None, "Cosine of unrelated texts; empty as above.", "Embedder", gt=-1, lt=1
    )
    embedder_timeout_seconds: float = setting(
        20.0, "Longest wait for one answer of the endpoint, in seconds.", "Embedder", gt=0
    )
    embedder_options: dict[str, Any] = setting(
        {},
        "Further fields of the backend's configuration as JSON, such as `query_prefix`,"
        " `passage_prefix`, `pooling` or `device`; see models.md.",
        "Embedder",
    )
