"""A client process for the soak: plain keep-alive connections, so that it costs little itself."""

import argparse
import http.client
import json
import random
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from bench.server import API_PATH, KEY
from bench.texts import question, statement

_HEADERS = {"Authorization": f"Token {KEY}", "Content-Type": "application/json"}


@dataclass
class Tally:
    """What the threads of one process saw: seconds per answer, and errors by kind."""

    seconds: list[float] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)

    def failed(self, reason: str) -> None:
        """Count an error."""
        self.errors[reason] = self.errors.get(reason, 0) + 1


class Line:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def send(self, method: str, path: str, body: object | None = None) -> tuple[int, Any]:
        """HTTP status and decoded answer."""
        content = None if body is None else json.dumps(body).encode()
        self._http.request(method, path, content, _HEADERS)
        answer = self._http.getresponse()
        return answer.status, json.loads(answer.read())

    def post(self, path: str, body: object) -> tuple[int, Any]:
        """As `send`, below the API's address."""
        return self.send("POST", f"{API_PATH}/{path}", body)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


def write(line: Line, chance: random.Random, users: int) -> tuple[int, Any]:
    """One asynchronous add of one message."""
    number = chance.randrange(10**9)
    return line.post(
        "add/message",
        {
            "user_id": f"user-{chance.randrange(users)}",
            "conversation_id": f"c{chance.randrange(50)}",
            "messages": [{"role": "user", "content": statement(chance, number)}],
        },
    )


def read(line: Line, chance: random.Random, users: int) -> tuple[int, Any]:
    """One search with its default options."""
    body = {"user_id": f"user-{chance.randrange(users)}", "query": question(chance)}
    return line.post("search/memory", body)


def health(line: Line, _chance: random.Random, _users: int) -> tuple[int, Any]:
    """One look at `/health`; its answer has no code."""
    status, answer = line.send("GET", "/health")
    return status, {"code": 0 if answer.get("status") == "healthy" else -1}


_KINDS = {"write": write, "read": read, "health": health}


def work(arguments: argparse.Namespace, seed: str, until: float, tally: Tally) -> None:
    """One thread: calls until the time is over."""
    chance = random.Random(seed)
    line = Line(arguments.port)
    call = _KINDS[arguments.kind]
    while time.perf_counter() < until:
        started = time.perf_counter()
        try:
            status, answer = call(line, chance, arguments.users)
        except (OSError, http.client.HTTPException, ValueError) as error:
            tally.failed(type(error).__name__)
            line.close()
            line = Line(arguments.port)
            continue
        if status != 200 or answer.get("code") != 0:
            tally.failed(f"HTTP {status} code {answer.get('code')}: {answer.get('message')}")
        tally.seconds.append(time.perf_counter() - started)
        if arguments.pause:
            time.sleep(arguments.pause)
    line.close()


def main() -> int:
    """Command line of the client process; prints its tally as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=sorted(_KINDS))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--users", type=int, default=16)
    parser.add_argument("--pause", type=float, default=0.0)
    parser.add_argument("--seed", default="1")
    arguments = parser.parse_args()
    until = time.perf_counter() + arguments.seconds
    tallies = [Tally() for _ in range(arguments.threads)]
    threads = [
        threading.Thread(target=work, args=(arguments, f"{arguments.seed}/{i}", until, tally))
        for i, tally in enumerate(tallies)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = Tally()
    for tally in tallies:
        total.seconds += tally.seconds
        for reason, count in tally.errors.items():
            total.errors[reason] = total.errors.get(reason, 0) + count
    print(json.dumps({"seconds": total.seconds, "errors": total.errors}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
