"""Work in the background."""

from pydantic import BaseModel

from memos.configs.sections.setting import setting


class WorkSettings(BaseModel):
    """Workers and their tasks."""

    embedded_worker: bool = setting(
        True, "Run the background workers inside the server process.", "Work"
    )
    worker_threads: int | None = setting(
        None,
        "Background workers. Empty: two when the rules read, four when a model does, which waits. "
        "Of several, one never takes files.",
        "Work",
        ge=1,
        le=64,
    )
    lease_seconds: float = setting(
        20.0, "How long a worker owns a task before another may take it, in seconds.", "Work", ge=1
    )
    model_concurrency: int = setting(
        8, "Most calls at once of one model endpoint, per process.", "Work", ge=1, le=256
    )
    task_max_attempts: int = setting(
        5, "Attempts before a task counts as failed.", "Work", ge=1, le=100
    )
