"""Replay recorded requests of the known clients against a server and read its answers strictly.

Each line of the recording is one request as a client sent it. Ids in it belong to the server it
was recorded against; they are replaced, as the replay goes, by the ids this server gave in the
same places. Every answer of the Cloud API must have the code the case calls for and parse with
`tests/strict_answers.py`. Lines of other APIs are counted and left out.

    python scripts/replay_contract.py [RECORDING] [--base-url URL --api-key KEY] [--failed]

Without `--base-url` a fresh server is started in this process, with a scripted chat model. The
exit code is 0 when every line passed, 1 when one failed, 2 when there is no recording.
"""

import argparse
import contextlib
import json
import sys
import tempfile
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402 - after the path is set
from pydantic import TypeAdapter, ValidationError  # noqa: E402
from tests.scripted_model import Request, ScriptedModel, reply, scripted_model, stream  # noqa: E402
from tests.strict_answers import DATA, Envelope  # noqa: E402

RECORDING = ROOT.parent / "shared" / "design" / "recorded_requests.jsonl"
PREFIX = "/api/openmem/v1/"
KEY = "mpg-replay-key-0123456789abcdef"
RECORDED_KEY = "mpg-test"
PATIENCE_S = 60.0
LEFT_OUT_HEADERS = {"host", "content-length", "connection", "accept-encoding", "transfer-encoding"}
EXPECTED_CODES = {
    "error.conversation_id_101": 40011,
    "error.kb_not_linked": 50123,
    "error.kb_unlinked": 50123,
    "error.task_not_found": 50131,
    "error.status_unknown": 50131,
    "error.memory_id_unknown": 40307,
    "error.delete_unknown_id": 40307,
    "error.user_unknown": 40308,
    "error.bad_key": 40132,
}
"""What a case must be answered with when it is not 0."""


@dataclass(frozen=True)
class Recorded:
    """One line of the recording."""

    number: int
    client: str
    case: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any

    @property
    def endpoint(self) -> str:
        """Path below the Cloud API's address, a memory's id replaced by a word."""
        path = self.path.removeprefix(PREFIX).strip("/")
        return "get/memory/{id}" if path.startswith("get/memory/") else path

    @property
    def expected(self) -> int:
        """Code the answer must have."""
        return EXPECTED_CODES.get(self.case, 0)


@dataclass
class Ids:
    """Ids of one client: what this server gave and the recording does not name yet, by kind."""

    unclaimed: dict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))
    known: dict[str, str] = field(default_factory=dict)

    def offer(self, kind: str, ids: list[str]) -> None:
        """Note ids from an answer, in its order."""
        taken = {*self.unclaimed[kind], *self.known.values()}
        self.unclaimed[kind].extend(i for i in ids if i not in taken)

    def forget(self, kind: str) -> None:
        """Ids not claimed so far are no longer on offer."""
        self.unclaimed[kind].clear()

    def claim(self, kind: str, recorded: str) -> str:
        """This server's id for a recorded one; the recorded one itself when there is none."""
        if recorded not in self.known and self.unclaimed[kind]:
            self.known[recorded] = self.unclaimed[kind].popleft()
        return self.known.get(recorded, recorded)


CLAIMS = {
    "task_id": "task",
    "memory_id": "memory",
    "memory_ids": "memory",
    "knowledgebase_id": "knowledgebase",
    "knowledgebase_ids": "knowledgebase",
    "allow_knowledgebase_ids": "knowledgebase",
    "file_ids": "file",
}


def localised(recorded: Recorded, ids: Ids) -> tuple[str, dict[str, str], Any]:
    """Path, query and body with this server's ids. An error case keeps what it was about."""
    if recorded.expected:
        return recorded.path, dict(recorded.query), recorded.body
    path = recorded.path
    if recorded.endpoint == "get/memory/{id}":
        path = f"{PREFIX}get/memory/{quote(ids.claim('memory', path.rsplit('/', 1)[1]), safe='')}"
    query = {name: _claimed(name, value, ids) for name, value in recorded.query.items()}
    body = recorded.body
    if isinstance(body, dict):
        body = {name: _claimed(name, value, ids) for name, value in body.items()}
    return path, query, body


def _claimed(name: str, value: Any, ids: Ids) -> Any:  # noqa: ANN401 - a JSON value
    kind = CLAIMS.get(name)
    if kind is None or not value or value == ["all"]:
        return value
    if isinstance(value, list):
        return [ids.claim(kind, each) for each in value]
    return ids.claim(kind, value)


def learn(recorded: Recorded, data: Any, ids: Ids) -> None:  # noqa: ANN401 - a JSON value
    """Note the ids an answer gives."""
    match recorded.endpoint:
        case "add/message" | "add/feedback":
            ids.forget("task")
            ids.offer("task", [data["task_id"]])
        case "get/memory" | "search/memory":
            lists = (data["memory_detail_list"], data["preference_detail_list"])
            if found := [memory["id"] for memories in lists for memory in memories]:
                ids.forget("memory")
                ids.offer("memory", found)
        case "create/knowledgebase":
            ids.offer("knowledgebase", [data["id"]])
        case "add/knowledgebase-file":
            ids.offer("file", [file["id"] for file in data])


class Replay:
    """Sends recorded requests one by one and judges the answers."""

    def __init__(self, http: httpx.Client, key: str) -> None:
        self._http = http
        self._key = key
        self._ids: dict[str, Ids] = defaultdict(Ids)

    def run(self, recorded: Recorded) -> tuple[int, object, str]:
        """HTTP status, code, and what is wrong with the answer (empty when nothing is)."""
        ids = self._ids[recorded.client.split()[0]]
        response = self._send(recorded, ids)
        status = response.status_code
        code, problem, data = judge(recorded, response)
        if not problem and code == 0:
            learn(recorded, data, ids)
            if recorded.endpoint in {"add/message", "add/feedback"}:
                problem = self._settle(data["task_id"])
        return status, code, problem

    def _send(self, recorded: Recorded, ids: Ids) -> httpx.Response:
        path, query, body = localised(recorded, ids)
        headers = {k: v for k, v in recorded.headers.items() if k.lower() not in LEFT_OUT_HEADERS}
        headers["Authorization"] = headers.get("Authorization", "").replace(RECORDED_KEY, self._key)
        options: dict[str, Any] = {"headers": headers, "params": query}
        if isinstance(body, dict) and "__multipart__" in body:
            del headers["Content-Type"]
            options["files"] = [
                (
                    part["name"],
                    (part["filename"], b"Replay. ".ljust(part["bytes"], b"x"), part["type"]),
                )
                for part in body["__multipart__"]
            ]
        elif body is not None:
            options["content"] = json.dumps(body).encode()
        return self._http.request(recorded.method, path, **options)

    def _settle(self, task_id: str) -> str:
        """Wait for the work behind a write, as the recorded programs did."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            answer = self._http.post(
                f"{PREFIX}get/status",
                json={"task_id": task_id},
                headers={"Authorization": f"Token {self._key}"},
            ).json()
            status = answer["data"]["status"]
            if status != "running":
                return "" if status == "completed" else f"the task ended as {status}"
            time.sleep(0.05)
        return f"the task is still running after {PATIENCE_S:.0f} s"


def judge(recorded: Recorded, response: httpx.Response) -> tuple[object, str, Any]:
    """Code, what is wrong (empty when nothing is), and the data."""
    if recorded.endpoint == "chat" and recorded.body.get("stream") and response.status_code == 200:
        return 0, _stream_problem(response), None
    try:
        answer = response.json()
        Envelope.model_validate(answer)
    except (ValueError, ValidationError):
        return None, f"no envelope: {response.text[:80]!r}", None
    code, data = answer["code"], answer["data"]
    status = 401 if recorded.case == "error.bad_key" else 200
    if (response.status_code, code) != (status, recorded.expected):
        sentence = answer["message"] if code else "ok"
        return code, f"expected HTTP {status}, code {recorded.expected}: {sentence}", data
    if code == 0 and answer["message"] != "ok":
        return code, f"message is {answer['message']!r}", data
    return code, _shape_problem(recorded, answer), data


def _shape_problem(recorded: Recorded, answer: dict[str, Any]) -> str:
    try:
        if recorded.endpoint == "rerank" and answer["code"] == 0:
            TypeAdapter(DATA["rerank"]).validate_python(answer, strict=True)
        TypeAdapter(DATA[recorded.endpoint]).validate_python(answer["data"], strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        return f"data.{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return _reader_problem(recorded, answer)


def _reader_problem(recorded: Recorded, answer: dict[str, Any]) -> str:
    """What the readers of one client trip over, beyond types."""
    data = answer["data"]
    if recorded.client.startswith("cli") and answer["code"] == 0 and isinstance(data, dict):
        words = {str(answer.get("status")).lower(), str(data.get("status")).lower()}
        if data.get("success") is False or words & {"error", "failed", "fail"}:
            return "the command line takes this answer for an error"
    if recorded.endpoint == "get/memory/{id}" and not data["metadata"]["sources"]:
        return "metadata.sources is empty: nothing to show as origin"
    if recorded.endpoint == "extract/memory":
        asked = recorded.body.get("extraction_types") or ["memory", "preference"]
        lists = {"memory": "memory_detail_list", "preference": "preference_detail_list"}
        if {kind for kind, name in lists.items() if name in data} != set(asked):
            return "the lists are not those of the kinds asked for"
    return ""


def _stream_problem(response: httpx.Response) -> str:
    kind = response.headers.get("Content-Type")
    if kind != "text/event-stream; charset=utf-8":
        return f"Content-Type is {kind}"
    if not response.content.isascii():
        return "the stream is not ASCII"
    lines = response.text.split("\n")
    events = [line.removeprefix("data:").strip() for line in lines if line.startswith("data:")]
    if not events:
        return "the stream holds no event"
    for event in events:
        if event != "[DONE]" and not isinstance(json.loads(event), dict):
            return "an event is not a JSON object"
    types = [json.loads(event).get("type") for event in events if event != "[DONE]"]
    return "" if "text" in types else f"no text came, only {sorted(set(map(str, types)))}"


def read_recording(path: Path) -> list[Recorded]:
    """All lines, numbered from 1."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [
        Recorded(
            number,
            **{
                name: line.get(name) or {} if name in {"query", "headers"} else line.get(name)
                for name in ("client", "case", "method", "path", "query", "headers", "body")
            },
        )
        for number, line in enumerate(map(json.loads, lines), 1)
    ]


@contextlib.contextmanager
def fresh_server() -> Iterator[str]:
    """Address of a new server with a scripted chat model and nothing in it."""
    from memos.api.server_api import create_app
    from memos.cli.http_server import listen, on_thread, url_of
    from memos.configs.sections.language import ChatModel
    from memos.configs.settings import Settings
    from memos.mem_os.bootstrap import build

    with (
        tempfile.TemporaryDirectory() as folder,
        scripted_model() as model,
        contextlib.closing(listen("127.0.0.1", 0)) as listener,
    ):
        _let_talk(model)
        chat = ChatModel.model_validate(
            {"model_name_or_path": "scripted", "api_base": model.url, "api_key": "none"}
        )
        settings = Settings(
            data_dir=Path(folder) / "data",
            bootstrap_api_key=KEY,
            tokens_per_minute=0,
            chat_model_list=(chat,),
            log_level="ERROR",
        )
        system = build(settings)
        try:
            system.start()
            with on_thread(create_app(system), listener):
                yield url_of(listener)
                _wait_until_idle(system.records.unfinished)
        finally:
            system.close()


def _wait_until_idle(unfinished: Callable[[], int]) -> None:
    """Let uploaded files be read to their end, so that closing interrupts nothing."""
    end = time.monotonic() + PATIENCE_S
    while unfinished() and time.monotonic() < end:
        time.sleep(0.05)


def _let_talk(model: ScriptedModel) -> None:
    def answer(request: Request) -> Any:  # noqa: ANN401 - an Answer
        return stream("你好, ", "hello.") if request.body.get("stream") else reply("7 Days Inn.")

    model.fallback = answer


def main(arguments: list[str]) -> int:
    """Replay, print a table, and say by the exit code whether all passed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recording", nargs="?", type=Path, default=RECORDING)
    parser.add_argument("--base-url", help="replay against this server instead of a fresh one")
    parser.add_argument("--api-key", default=KEY, help="its key")
    parser.add_argument("--failed", action="store_true", help="print only lines that failed")
    options = parser.parse_args(arguments)
    if not options.recording.is_file():
        print(f"there is no recording at {options.recording}", file=sys.stderr)
        return 2
    recording = read_recording(options.recording)
    with contextlib.ExitStack() as stack:
        base = options.base_url or stack.enter_context(fresh_server())
        http = stack.enter_context(
            httpx.Client(base_url=base.removesuffix(PREFIX.rstrip("/")), timeout=PATIENCE_S)
        )
        return _replay(recording, Replay(http, options.api_key), only_failed=options.failed)


def _replay(recording: list[Recorded], replay: Replay, *, only_failed: bool) -> int:
    counts: Counter[str] = Counter()
    print(f"{'no':>4} {'client':12} {'case':34} {'endpoint':26} http  code  verdict")
    for recorded in recording:
        if not recorded.path.startswith(PREFIX):
            counts["left out: not of the Cloud API"] += 1
            continue
        status, code, problem = replay.run(recorded)
        counts["failed" if problem else "passed"] += 1
        if problem or not only_failed:
            print(
                f"{recorded.number:4} {recorded.client.split()[0]:12} {recorded.case[:34]:34} "
                f"{recorded.endpoint:26} {status:4} {code!s:>5}  {problem or 'ok'}"
            )
    print(", ".join(f"{count} {name}" for name, count in sorted(counts.items(), reverse=True)))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
