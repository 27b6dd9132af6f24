"""Measure what memory adds to the first token of a streamed chat, over the model asked directly.

Run: python -m bench.chat [--memories 1000] [--repeats 40] [--delay-ms 200]

The model is a scripted server that sends its first piece after a delay. It is asked by turns
directly, through `POST chat` of a server whose user has many memories, and through `POST chat` that
also remembers the turns. The ratio is over the model asked directly.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the server; before numpy is imported

import httpx
from tests.scripted_model import Answer, ScriptedModel, scripted_model

from bench.fill import fill
from bench.report import Row, save, show
from bench.server import KEY, Server
from bench.texts import question

USER = "reader"
_WARM = 3


class Delayed:
    """Pieces of an answer, the first after a delay."""

    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s

    def __iter__(self) -> Iterator[str]:
        time.sleep(self._delay_s)
        yield from ("You ", "did.")

    def __len__(self) -> int:
        return 2


def first_text_ms(http: httpx.Client, url: str, body: dict[str, Any]) -> float:
    """Milliseconds from the request to the first piece of text; the answer is read to its end."""
    started = time.perf_counter()
    first = None
    with http.stream("POST", url, json=body) as answer:
        answer.raise_for_status()
        for line in answer.iter_lines():
            if line.startswith("data:") and first is None and _has_text(line[5:].strip()):
                first = (time.perf_counter() - started) * 1000
    if first is None:
        raise RuntimeError("an answer came without text")
    return first


def _has_text(data: str) -> bool:
    if data == "[DONE]":
        return False
    event = json.loads(data)
    if event.get("type") == "error":
        raise RuntimeError(event["content"])
    return event.get("type") == "text" or bool(event.get("choices"))


def measure(server: Server, model: ScriptedModel, options: argparse.Namespace) -> list[Row]:
    """Rows of one delay."""
    model.fallback = lambda _: Answer(pieces=Delayed(options.delay_ms / 1000))
    chance = random.Random(2)
    times: dict[str, list[float]] = {"direct": [], "recall": [], "recall and remember": []}
    with httpx.Client(headers={"Authorization": f"Token {KEY}"}, timeout=60) as http:
        for turn in range(_WARM + options.repeats):
            query = question(chance)
            direct = {
                "model": "m",
                "stream": True,
                "messages": [{"role": "user", "content": query}],
            }
            chat = {"user_id": USER, "conversation_id": f"c{turn}", "query": query, "stream": True}
            took = {
                "direct": first_text_ms(http, f"{model.url}/chat/completions", direct),
                "recall": first_text_ms(
                    http, f"{server.api}/chat", {**chat, "add_message_on_answer": False}
                ),
                "recall and remember": first_text_ms(http, f"{server.api}/chat", chat),
            }
            server.wait_idle(60)
            for name, value in took.items() if turn >= _WARM else ():
                times[name].append(value)
    base = statistics.median(times["direct"])
    return [
        row(f"{name}, model's first token after {options.delay_ms:g} ms", values, base)
        for name, values in times.items()
    ]


def fresh(chance: random.Random) -> str:
    """A question never asked before, so that no vector of it is kept."""
    return f"{question(chance)} ({chance.randrange(10**9)})"


def row(name: str, values: Sequence[float], base: float) -> Row:
    """Percentiles of one way of asking, and its median over that of the model alone."""
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return Row(
        name,
        p50_ms=cuts[49],
        p95_ms=cuts[94],
        value=statistics.median(values) / base,
        unit="x direct",
    )


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.chat", description=__doc__)
    parser.add_argument("--memories", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=40)
    parser.add_argument("--delay-ms", type=float, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, scripted_model() as model:
        server = Server(
            Path(folder),
            environment={"MEMOS_CHAT_MODEL": "m", "MEMOS_LLM_API_BASE": model.url},
        )
        server.data_dir.mkdir(parents=True)
        fill(server.data_dir, {USER: options.memories})
        server.start()
        try:
            server.wait_ready()
            rows = measure(server, model, options)
        finally:
            server.close()
    show(f"First token of a chat, {options.memories} memories", rows)
    print(f"saved as {save('chat', rows)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
