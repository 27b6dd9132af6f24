"""Projects and their keys. Secrets are hashed on arrival and exist nowhere else."""

import hashlib
import hmac
import secrets
import string
import threading

from sqlalchemy import Connection, insert, select, update

from memos.errors import ConfigError, ConflictError, NotFoundError
from memos.records.base import ApiKey, Project
from memos.records.sql.model_ledger import SqlModelLedger
from memos.records.sql.tables import api_key, project

_PREFIX = "mpg-"
_ALPHABET = string.ascii_letters + string.digits + "-_"
_SECRET_CHARACTERS = 40
_LEAST_SECRET = 16
_HINT = 8
_CACHE_S = 4.0
_CACHE_KEYS = 1024
_KEY_COLUMNS = [column for column in api_key.c if column.name != "digest"]


class KeyCache:
    """Keys that authenticated within the last seconds, so that a request costs no query.

    A revocation drops the key here at once; another process believes its own copy for at most
    `_CACHE_S` seconds. Unknown secrets are never kept, so guessing cannot fill it.
    """

    def __init__(self) -> None:
        self._keys: dict[str, tuple[ApiKey, float]] = {}
        self._lock = threading.Lock()
        self._generation = 0

    def get(self, digest: str, now_s: float) -> ApiKey | None:
        """The key of a digest when it was looked up recently."""
        kept = self._keys.get(digest)
        return kept[0] if kept is not None and now_s < kept[1] else None

    def generation(self) -> int:
        """Number to hand to `put`, read before the lookup whose result is put."""
        return self._generation

    def put(self, digest: str, key: ApiKey, until_s: float, generation: int) -> None:
        """Keep a key, unless keys were dropped since its lookup began."""
        with self._lock:
            if generation != self._generation:
                return
            if len(self._keys) >= _CACHE_KEYS:
                self._keys.clear()
            self._keys[digest] = (key, until_s)

    def drop(self) -> None:
        """Forget all keys: one was revoked or its project deleted."""
        with self._lock:
            self._generation += 1
            self._keys.clear()


class SqlProjects(SqlModelLedger):
    """The tenant side of the store."""

    _cache: KeyCache

    def create_project(self, name: str) -> Project:
        """Make a project. Raises ConflictError when the name is taken."""
        new = Project(self._ids.new_id(), name, self._clock.now_ms())
        values = {"id": new.id, "name": name, "created_at": new.created_at}

        def job(connection: Connection) -> None:
            if connection.scalar(select(project.c.id).where(project.c.name == name)) is not None:
                raise ConflictError("a project of this name exists already", field="name")
            connection.execute(insert(project), values)

        self._database.write(job)
        return new

    def projects(self) -> list[Project]:
        """All projects, oldest first."""
        query = select(project).order_by(project.c.created_at, project.c.id)
        return self._database.read(
            lambda connection: [Project(**row) for row in connection.execute(query).mappings()]
        )

    def create_key(
        self,
        project_id: str,
        name: str,
        *,
        secret: str | None = None,
        expires_at: int | None = None,
    ) -> tuple[ApiKey, str]:
        """Make a key (`mpg-` + 40 URL-safe random characters unless `secret` is given).

        Returns:
            The key and its secret, which cannot be shown again.

        Raises:
            ConfigError: the given secret is shorter than 16 characters.
            NotFoundError: the project does not exist.
            ConflictError: the secret is in use.
        """
        if secret is not None and len(secret) < _LEAST_SECRET:
            raise ConfigError(f"an API key needs at least {_LEAST_SECRET} characters")
        secret = secret or _PREFIX + "".join(
            secrets.choice(_ALPHABET) for _ in range(_SECRET_CHARACTERS)
        )
        key = ApiKey(
            id=self._ids.new_id(),
            project_id=project_id,
            name=name,
            hint=secret[:_HINT],
            created_at=self._clock.now_ms(),
            expires_at=expires_at,
        )
        values = {c.name: getattr(key, c.name) for c in _KEY_COLUMNS} | {"digest": _digest(secret)}

        def job(connection: Connection) -> None:
            known = select(project.c.id).where(project.c.id == project_id)
            if connection.scalar(known) is None:
                raise NotFoundError("there is no such project")
            connection.execute(insert(api_key), values)

        self._database.write(job)
        return key, secret

    def keys(self, project_id: str | None = None) -> list[ApiKey]:
        """Keys of one project or of all, oldest first, revoked ones included."""
        self.flush()
        query = select(*_KEY_COLUMNS).order_by(api_key.c.created_at, api_key.c.id)
        if project_id is not None:
            query = query.where(api_key.c.project_id == project_id)
        return self._database.read(
            lambda connection: [ApiKey(**row) for row in connection.execute(query).mappings()]
        )

    def revoke_key(self, key_id: str) -> ApiKey:
        """Make a key useless from now on. Raises NotFoundError."""
        now = self._clock.now_ms()
        revoke = (
            update(api_key)
            .where(api_key.c.id == key_id, api_key.c.revoked_at.is_(None))
            .values(revoked_at=now)
        )

        def job(connection: Connection) -> ApiKey | None:
            connection.execute(revoke)
            query = select(*_KEY_COLUMNS).where(api_key.c.id == key_id)
            row = connection.execute(query).mappings().one_or_none()
            return None if row is None else ApiKey(**row)

        key = self._database.write(job)
        self._cache.drop()
        if key is None:
            raise NotFoundError("there is no such key")
        return key

    def authenticate(self, secret: str) -> ApiKey | None:
        """The live key of this secret, or None (unknown, revoked, expired). Constant-time compare.

        A revocation counts at once in this process and within 5 seconds in others.
        """
        digest, now = _digest(secret), self._clock.now_ms()
        key = self._cache.get(digest, self._clock.monotonic()) or self._look_up(digest)
        if key is None or key.revoked_at is not None:
            return None
        if key.expires_at is not None and key.expires_at <= now:
            return None
        self.note_key_use(key.id, now)
        return key

    def _look_up(self, digest: str) -> ApiKey | None:
        generation = self._cache.generation()
        query = select(api_key).where(api_key.c.digest == digest)
        row = self._database.read(lambda c: c.execute(query).mappings().one_or_none())
        if row is None or not hmac.compare_digest(row["digest"], digest):
            return None
        key = ApiKey(**{name: value for name, value in row.items() if name != "digest"})
        self._cache.put(digest, key, self._clock.monotonic() + _CACHE_S, generation)
        return key


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
