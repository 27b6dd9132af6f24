"""Where the server listens, what it logs, and where its data lies."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, SecretStr

from memos.configs.sections.setting import setting

BEIJING = "Asia/Shanghai"


def _default_data_dir() -> Path:
    return Path.home() / ".memos" / "data"


def _default_records_url(values: dict[str, Any]) -> str:
    return (
        f"sqlite:///{(values['data_dir'] / 'records.db').as_posix()}"
        if "data_dir" in values
        else ""
    )


class ServerSettings(BaseModel):
    """The server and its data folder."""

    host: str = setting("127.0.0.1", "Address to listen on.", "Server", min_length=1)
    port: int = setting(8000, "Port to listen on; 0 takes a free one.", "Server", ge=0, le=65535)
    public_url: str | None = setting(
        None,
        "Address under which clients reach this server, for links to skill files; empty means the"
        " one each request came to.",
        "Server",
        pattern=r"^https?://[^\s?#]+$",
    )
    docs_enabled: bool = setting(True, "Serve the interactive API pages under /docs.", "Server")
    bootstrap_api_key: SecretStr | None = setting(
        None,
        "Key of the default project that is made to exist at start. Without it the first start makes"
        " one and shows it once.",
        "Server",
    )
    request_threads: int = setting(
        2,
        "Threads that answer requests, and four times as many for those that may wait for others."
        " More of them only compete for the interpreter.",
        "Server",
        ge=1,
        le=64,
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = setting(
        "INFO", "Lowest level that is logged.", "Server"
    )
    log_format: Literal["console", "json"] = setting(
        "console", "`console` for people, `json` for machines.", "Server"
    )
    timezone: str = setting(
        BEIJING,
        "Zone of a `chat_time` that names none: an IANA name or an offset like +08:00."
        " The documented default is Beijing time.",
        "Server",
    )

    data_dir: Path = setting(
        _default_data_dir, "Folder that holds everything; `~` is your home folder.", "Data"
    )
    records_url: str = setting(
        _default_records_url,
        "SQLAlchemy address of the system of record; the default is `records.db` in the data folder.",
        "Data",
        repr=False,
    )
    cache_megabytes: int = setting(
        512, "Memory for the cubes kept ready to search, in MiB.", "Data", ge=16
    )
