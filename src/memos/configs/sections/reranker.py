"""The reranker."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, SecretStr

from memos.configs.sections.setting import HTTP_ADDRESS, setting


class RerankerSettings(BaseModel):
    """What judges results a second time."""

    reranker_backend: Literal["none", "cosine", "http", "onnx", "llm"] = setting(
        "none",
        "Judges results a second time, as a nudge: `http` is a reranking service (`http_bge` also"
        " works), `onnx` a local cross-encoder, `llm` a chat model, `cosine` the embedder."
        " `cosine_local` counts as `none`: the score holds that cosine already.",
        "Reranker",
        "MOS_RERANKER_BACKEND",
    )
    reranker_url: str | None = setting(
        None,
        "Address of the service, or base URL of the chat model; for `llm`, empty means the reader's.",
        "Reranker",
        pattern=HTTP_ADDRESS,
    )
    reranker_api_key: SecretStr | None = setting(
        None,
        "Key of the service; for `llm` at the reader's address, empty means the reader's.",
        "Reranker",
    )
    reranker_model: str | None = setting(
        None, "Model name there; for `llm`, empty means the reader model.", "Reranker"
    )
    reranker_path: Path | None = setting(
        None, "Folder of the local model: `model.onnx` and `tokenizer.json`.", "Reranker"
    )
    reranker_timeout_seconds: float = setting(
        2.0,
        "Most time reranking may add to a search, in seconds; without an answer by then the order"
        " stays as it was.",
        "Reranker",
        gt=0,
        le=60,
    )
    reranker_weight: float = setting(
        0.1,
        "How much it may say: a relevance p adds weight * (p - 0.5) to the score; 0 switches it off.",
        "Reranker",
        ge=0,
        le=10,
    )
    reranker_candidates: int = setting(
        20, "Most results judged in one search.", "Reranker", ge=1, le=200
    )
