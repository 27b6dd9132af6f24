"""What an import has sent already, kept in a small file so that it can be continued."""

import json
from pathlib import Path

from memos.errors import ConfigError


class ImportState:
    """Task ids of the chunks the server has taken, by server and chunk.

    Args:
        path: the file; read when it exists, written after each chunk.
        server: address the chunks went to: another server has its own record.
        restart: forget what was sent to this server.

    Raises:
        ConfigError: the file cannot be read, or is not such a file.
    """

    def __init__(self, path: Path, server: str, *, restart: bool = False) -> None:
        self._path = path
        self._servers = self._read()
        if restart:
            self._servers.pop(server, None)
        self._sent = self._servers.setdefault(server, {})

    def task_of(self, chunk: str) -> str | None:
        """Task behind a chunk that was sent, else None."""
        return self._sent.get(chunk)

    def note(self, chunk: str, task_id: str) -> None:
        """Remember that the server took a chunk.

        Raises:
            ConfigError: the file cannot be written.
        """
        self._sent[chunk] = task_id
        fresh = self._path.with_name(self._path.name + ".new")
        try:
            fresh.write_text(json.dumps(self._servers, indent=1), encoding="utf-8")
            fresh.replace(self._path)
        except OSError as error:
            raise ConfigError(
                f"the state file {self._path} cannot be written ({error.strerror}); "
                "name one you may write with --state"
            ) from error

    def _read(self) -> dict[str, dict[str, str]]:
        try:
            body = json.loads(self._path.read_text(encoding="utf-8"))
            return {str(server): dict(sent) for server, sent in body.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError, TypeError) as error:
            raise ConfigError(
                f"the state file {self._path} cannot be used; name another with --state, or remove it"
            ) from error
