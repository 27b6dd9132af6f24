"""What the SDK sends: where to, with which key, and the request of each call.

Both clients are thin shells around this module and `_client_answer`; neither opens a connection.
"""

import json
import mimetypes
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Generic, Literal, NamedTuple, TypeVar
from urllib.parse import quote

from typing_extensions import TypedDict

from memos.configs.environment import client_environment
from memos.errors import InvalidInputError

DEFAULT_BASE_URL = "http://127.0.0.1:8000/api/openmem/v1"
MAX_PAGE_SIZE = 50

Answer = TypeVar("Answer")


class InvalidArgumentError(InvalidInputError, ValueError):
    """An argument of an SDK method cannot be used; nothing was sent."""


class Connection(NamedTuple):
    """Where requests go and what they carry."""

    base_url: str
    api_key: str
    headers: dict[str, str]
    body: dict[str, Any]


class ChatOptions(TypedDict, total=False):
    """Optional arguments of `chat`, by name."""

    internet_search: bool
    force_stop: bool
    use_mem_os_cube: bool
    source: str | None
    system_prompt: str | None
    model_name: str | None
    knowledgebase_ids: list[str] | Literal["all"] | None
    filter: dict[str, Any] | None
    add_message_on_answer: bool
    app_id: str | None
    agent_id: str | None
    async_mode: bool
    tags: list[str] | None
    info: dict[str, Any] | None
    allow_public: bool
    allow_knowledgebase_ids: list[str] | None
    max_tokens: int
    temperature: float
    top_p: float
    include_preference: bool
    preference_limit_number: int
    memory_limit_number: int
    include_tool_memory: bool
    tool_memory_limit_number: int
    relativity: float | None


class SearchOptions(TypedDict, total=False):
    """Arguments that `explain_memory` shares with `search_memory`, by name."""

    conversation_id: str | None
    agent_id: str | None
    memory_limit_number: int
    include_preference: bool
    knowledgebase_ids: list[str] | Literal["all"] | None
    filter: dict[str, Any] | None
    include_tool_memory: bool
    preference_limit_number: int
    tool_memory_limit_number: int
    relativity: float | None
    include_skill: bool
    skill_limit_number: int
    deadline_ms: int | None
    mode: Literal["fast", "fine"] | None
    as_of: str | int | None
    known_at: str | int | None
    status: str | list[str] | None


SEARCH_LIMITS = {
    "memory_limit_number": 6,
    "preference_limit_number": 6,
    "tool_memory_limit_number": 6,
    "skill_limit_number": 6,
}
"""How many results the SDK asks for by default, which is fewer than the server gives unasked."""


@dataclass(frozen=True, slots=True)
class Call(Generic[Answer]):
    """One request to make.

    Args:
        endpoint: path below the base address.
        answer: what the body of the answer is read as.
        body: JSON to send; None for a GET or a form upload.
        reads: it changes nothing on the server.
        repeatable: sending it twice has the effect of sending it once, given the same
            Idempotency-Key.
        params: query parameters.
        files: local files to upload as a form.
    """

    endpoint: str
    answer: type[Answer]
    body: dict[str, Any] | None = None
    reads: bool = False
    repeatable: bool = True
    params: dict[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    @property
    def method(self) -> str:
        """GET without a body and files, else POST."""
        return "GET" if self.body is None and not self.files else "POST"


def resolve(
    api_key: str | None,
    base_url: str | None,
    headers: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
) -> Connection:
    """Settle address and key: argument, then environment, then the local server's address.

    `headers` and `body` go with every request besides its own.

    Raises:
        InvalidArgumentError: there is no key.
    """
    environment = client_environment()
    key = (api_key or environment.api_key or "").strip()
    if not key:
        raise InvalidArgumentError("MemOS API key is required")
    address = (base_url or environment.base_url or DEFAULT_BASE_URL).strip().rstrip("/")
    own = {"Authorization": f"Token {key}", "Content-Type": "application/json"}
    return Connection(address, key, {**(headers or {}), **own}, dict(body or {}))


def given(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """A method's own arguments that were given, as the JSON body: names are the wire's."""
    return {
        name: value
        for name, value in arguments.items()
        if value is not None and name != "self" and not name.startswith("_")
    }


def require(arguments: Mapping[str, Any], *names: str) -> None:
    """Each named argument is neither None nor empty."""
    for name in names:
        if arguments[name] is None or (
            isinstance(arguments[name], Sequence) and not arguments[name]
        ):
            raise InvalidArgumentError(f"{name} is required", field=name)


def require_any(arguments: Mapping[str, Any], *names: str) -> None:
    """At least one of the named arguments is given."""
    if not any(arguments[name] for name in names):
        raise InvalidArgumentError(f"{_listed(names)} is required", field=names[0])


def require_one(arguments: Mapping[str, Any], *names: str) -> None:
    """Exactly one of the named arguments is given."""
    if sum(bool(arguments[name]) for name in names) != 1:
        raise InvalidArgumentError(f"exactly one of {_listed(names)} is required", field=names[0])


def require_page_size(size: int) -> None:
    """At most the largest page the server answers with."""
    if size > MAX_PAGE_SIZE:
        raise InvalidArgumentError(f"size must not be greater than {MAX_PAGE_SIZE}", field="size")


def require_top_n(top_n: int | None) -> None:
    """A positive number when given."""
    if top_n is not None and top_n <= 0:
        raise InvalidArgumentError("top_n must be greater than 0", field="top_n")


def delete_body(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Body of delete_memory: one condition. `user_ids` is the older spelling of one user.

    Raises:
        InvalidArgumentError: none or several conditions, or several users.
    """
    body = given(arguments)
    users = body.pop("user_ids", None)
    if users and not body.get("memory_ids"):
        if len(users) != 1 or body.get("user_id"):
            raise InvalidArgumentError("exactly one delete condition is required")
        body["user_id"] = users[0]
    conditions = ("memory_ids", "user_id", "agent_id", "filter")
    if sum(bool(body.get(name)) for name in conditions) != 1:
        raise InvalidArgumentError("exactly one delete condition is required")
    return {name: value for name, value in body.items() if value or name not in conditions}


def explain_body(
    memory_id: str, query: str, user_id: str | None, options: SearchOptions
) -> dict[str, Any]:
    """Body of explain_memory: that of the search, with its defaults, and the memory.

    Raises:
        InvalidArgumentError: an argument is missing, or unknown.
    """
    arguments = {"memory_id": memory_id, "query": query, "user_id": user_id, **options}
    unknown = options.keys() - SearchOptions.__annotations__.keys()
    if unknown:
        raise InvalidArgumentError(f"explain_memory knows no {min(unknown)}", field=min(unknown))
    require(arguments, "memory_id", "query")
    require_one({"agent_id": None, **arguments}, "user_id", "agent_id")
    return {**SEARCH_LIMITS, **given(arguments)}


def memory_path(memory_id: str) -> str:
    """Path of one memory, its id escaped."""
    require({"memory_id": memory_id}, "memory_id")
    return f"get/memory/{quote(memory_id, safe='')}"


def upload(endpoint: str, answer: type[Answer], arguments: Mapping[str, Any]) -> Call[Answer]:
    """The call that sends the local files named in `files`, the other arguments beside them."""
    params = {name: value for name, value in arguments.items() if name != "files"}
    files = tuple(arguments["files"])
    return Call(endpoint, answer, repeatable=False, params=params, files=files)


@contextmanager
def open_files(paths: Sequence[str]) -> Iterator[list[BinaryIO]]:
    """The files of a form upload, open while it is sent, so that none is held in memory whole.

    Raises:
        InvalidArgumentError: a file cannot be read.
    """
    with ExitStack() as stack:
        try:
            files: list[BinaryIO] = [stack.enter_context(Path(path).open("rb")) for path in paths]
        except OSError as error:
            raise InvalidArgumentError(
                f"{error.filename} cannot be read: {error.strerror}", field="files"
            ) from error
        yield files


def request_arguments(
    call: Call[Any], connection: Connection, key: str, files: Sequence[BinaryIO]
) -> dict[str, Any]:
    """Arguments for httpx's `build_request`. `key` is the Idempotency-Key of a write."""
    headers = dict(connection.headers)
    if not call.reads:
        headers["Idempotency-Key"] = key
    arguments: dict[str, Any] = {
        "method": call.method,
        "url": f"{connection.base_url}/{call.endpoint}",
        "params": call.params or None,
        "headers": headers,
    }
    if call.method == "GET" or files:
        del headers["Content-Type"]
    if files:
        arguments["files"] = [("file", _form_part(file)) for file in files]
    elif call.body is not None:
        body = {**connection.body, **call.body}
        try:
            arguments["content"] = json.dumps(body, allow_nan=False).encode()
        except (TypeError, ValueError) as error:
            raise InvalidArgumentError("an argument cannot be written as JSON") from error
    return arguments


def _form_part(file: BinaryIO) -> tuple[str, BinaryIO, str]:
    """Name, content and type of a file in a form."""
    path = Path(file.name)
    return path.name, file, mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def _listed(names: Sequence[str]) -> str:
    return " or ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]
