"""Connects the links to skill files: their secret lies in the data folder."""

import os
import secrets
from pathlib import Path

from memos.configs.settings import Settings
from memos.errors import ConfigError
from memos.handlers.skill import SkillFiles
from memos.mem_os.feedback import Stores

SECRET_FILE = "link.key"  # noqa: S105 - the file's name
_SECRET_BYTES = 32


def build_skill_files(settings: Settings, stores: Stores) -> SkillFiles:
    """The use case behind links to skills."""
    secret = link_secret(settings.data_dir)
    return SkillFiles(stores.graph, stores.files, stores.clock, secret)


def link_secret(folder: Path) -> bytes:
    """The secret that signs links, made at the first start; the same for all processes.

    Raises:
        ConfigError: the file cannot be made, or is not what was written.
    """
    path = folder / SECRET_FILE
    try:
        if not path.exists():
            _make(path)
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path} cannot be read; remove it to get a new one, which ends all links to skills"
        ) from error
    if len(secret) != _SECRET_BYTES:
        raise ConfigError(
            f"{path} is damaged; remove it to get a new one, which ends all links to skills"
        )
    return secret


def _make(path: Path) -> None:
    """Write the secret beside its place and link it there: the first of several processes wins."""
    partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(partial, path)
        except FileExistsError:
            return
    finally:
        partial.unlink()
