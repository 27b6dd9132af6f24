"""Measure a knowledge base: work on a long document, and searches over many passages.

Run: python -m bench.knowledge [--pages 500] [--passages 10000] [--questions 60]

A manual is made up: sections on devices, each with facts of its own (English, one in four Chinese).
A page is 3,000 characters. The document goes the way of an upload: stored, parsed in a process of
its own, cut, embedded, written. The times are given as multiples of embedding the same passages
alone, and of embedding a question alone; memory is what this process gained meanwhile.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the server; before numpy is imported

import argparse
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from memos.configs.settings import Settings
from memos.handlers.caller import Caller
from memos.handlers.knowledge_base import IncomingFile
from memos.handlers.search import SearchCommand
from memos.mem_os.bootstrap import System, build
from memos.records.knowledge import FileType
from memos.types.memory import ALL_KINDS
from memos.types.scope import Scope, knowledge_cube

_PAGE = 3000
_DEVICES = (
    "centrifuge", "spectrometer", "label printer", "forklift", "oven", "air compressor",
    "packing line", "water pump", "cooling tower", "badge reader", "loading dock", "paint booth",
)  # fmt: skip
_CDEVICES = ("离心机", "光谱仪", "标签打印机", "叉车", "烘箱", "空压机", "包装线", "水泵")
_TEAMS = ("maintenance", "quality", "logistics", "safety", "procurement", "laboratory")
_CTEAMS = ("维修部", "质量部", "物流部", "安全部", "采购部")
_FACTS = (
    ("The {device} {name} is serviced every {n} weeks by the {team} team.",
     "How often does the {name} {device} get maintenance?"),
    ("Spare filters for the {device} {name} are kept in cabinet {n} of hall {m}.",
     "Where do we store filters for the {name}?"),
    ("The {device} {name} must not run above {n} degrees; above it the alarm stops it.",
     "What is the highest temperature allowed for {device} {name}?"),
    ("Orders for parts of the {device} {name} above {n} euro need approval by the {team} team.",
     "Who has to approve expensive parts for the {name}?"),
)  # fmt: skip
_CFACTS = (
    ("{device}{name}每{n}周由{team}保养一次。", "{name}{device}多久保养一次?"),
    ("{device}{name}的备用滤芯放在{m}号厅{n}号柜。", "{name}的滤芯放在哪里?"),
    ("{device}{name}的运行温度不得超过{n}度。", "{name}{device}最高允许多少度?"),
)
_FILLER = (
    "Before any work the operator reads the instructions and signs the log of the shift.",
    "Unusual noise, smell or vibration is reported at once, and the machine is stopped.",
    "Protective glasses and gloves are worn as long as the cover is open.",
    "The area around the machine is kept free of boxes, cables and liquids.",
    "New colleagues are instructed by an experienced one before they work alone.",
    "The log is kept for five years and shown to the auditors when they ask for it.",
    "Waste goes into the marked containers; the caretaker empties them in the evening.",
)
_CFILLER = (
    "操作前请阅读说明并在班次日志上签字。",
    "发现异常噪音、气味或震动时应立即停机并报告。",
    "打开护罩期间必须佩戴护目镜和手套。",
    "设备周围不得堆放箱子、电缆或液体。",
)


@dataclass(frozen=True)
class Question:
    text: str
    answer: str


class Manual:
    """Text of about so many characters, and questions on its facts."""

    def __init__(self, characters: int, seed: int = 1) -> None:
        self._chance = random.Random(seed)
        self.questions: list[Question] = []
        parts, size, number = ["# Plant manual"], 0, 0
        while size < characters:
            section = self._section(number)
            parts.append(section)
            size += len(section)
            number += 1
        self.text = "\n\n".join(parts)

    def _section(self, number: int) -> str:
        chance, chinese = self._chance, number % 4 == 3
        name = f"{chance.choice('KLMNPRSTVX')}{chance.choice('aeiou')}{chance.choice('bdgklmnrst')}-{number}"
        fill = {
            "name": name,
            "device": chance.choice(_CDEVICES if chinese else _DEVICES),
            "team": chance.choice(_CTEAMS if chinese else _TEAMS),
        }
        facts = []
        for statement, asked in _CFACTS if chinese else _FACTS:
            numbers = {"n": chance.randint(2, 90), "m": chance.randint(1, 9)}
            facts.append(statement.format(**fill, **numbers))
            self.questions.append(Question(asked.format(**fill), facts[-1]))
        filler = _CFILLER if chinese else _FILLER
        lines = [f"## {fill['device']} {name}"]
        for fact in facts:
            around = [chance.choice(filler) for _ in range(4)]
            lines.append(" ".join([*around[:2], fact, *around[2:]]))
        return "\n\n".join(lines)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.knowledge", description=__doc__)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=60)
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        system = build(Settings(data_dir=Path(folder), tokens_per_minute=0, embedded_worker=False))
        system.start()
        try:
            _measure(system, options)
        finally:
            system.close()
    return 0


def _measure(system: System, options: argparse.Namespace) -> None:
    caller = Caller(system.records.projects()[0].id, "bench")
    base = system.knowledge.bases.create(caller, "manual", "")
    system.embedder.embed(["warm up"])
    manual = Manual(options.pages * _PAGE)
    before = _rss()
    took = _ingest(system, caller, base, manual.text)
    passages = _passages(system, base)
    alone = _embed_alone(system, passages)
    print(
        f"{options.pages} pages, {len(passages)} passages: {took:.1f} s, "
        f"{options.pages / took:.1f} pages/s, {took / alone:.2f} x embedding them alone; "
        f"RSS +{_rss() - before:.0f} MB"
    )
    _report(system, caller, base, manual.questions, options.questions)
    while len(passages) < options.passages:
        more = Manual(options.pages * _PAGE, seed=len(passages))
        _ingest(system, caller, base, more.text)
        manual.questions += more.questions
        passages = _passages(system, base)
    _report(system, caller, base, manual.questions, options.questions)


def _ingest(system: System, caller: Caller, base: str, text: str) -> float:
    file = IncomingFile("manual.md", FileType.DOCUMENT, "md", [text.encode()])
    start = time.perf_counter()
    system.knowledge.bases.add_files(caller, base, [file])
    system.worker.drain()
    return time.perf_counter() - start


def _passages(system: System, base: str) -> list[str]:
    scope = Scope.of(knowledge_cube(base))
    return [i.value for i in system.graph.find(scope, ALL_KINDS, limit=10**6).items]


def _embed_alone(system: System, passages: Sequence[str]) -> float:
    # A mark at the end: nothing may come from the embedder's cache.
    texts = [f"{text} ." for text in passages]
    start = time.perf_counter()
    for at in range(0, len(texts), 64):
        system.embedder.embed(texts[at : at + 64])
    return time.perf_counter() - start


def _report(
    system: System, caller: Caller, base: str, questions: Sequence[Question], count: int
) -> None:
    chosen = random.Random(5).sample(list(questions), count)
    total = len(_passages(system, base))
    ranks, times, alone = [], [], []
    for number, question in enumerate(chosen):
        alone.append(
            _timed(lambda n=number: system.embedder.embed([f"never seen {total} {n}"], query=True))
        )
        command = SearchCommand(question.text, "u", knowledgebase_ids=(base,))
        outcome = None

        def search(command: SearchCommand = command) -> None:
            nonlocal outcome
            outcome = system.search(caller, command)

        times.append(_timed(search))
        values = [view.value for view in outcome.facts]
        hits = [n for n, value in enumerate(values, 1) if question.answer in value]
        ranks.append(hits[0] if hits else 0)
    strangers = [
        len(system.search(caller, SearchCommand(text, "u", knowledgebase_ids=(base,))).facts)
        for text in (
            "What is the capital of France?",
            "Who won the match yesterday?",
            "我喜欢什么茶？",
        )
    ]
    print(
        f"search over {total} passages: p50 {statistics.median(times):.1f} ms, "
        f"p95 {sorted(times)[int(0.95 * len(times))]:.1f} ms, "
        f"{statistics.median(times) / statistics.median(alone):.1f} x embedding the question; "
        f"first {sum(r == 1 for r in ranks) / count:.2f}, in nine {sum(r > 0 for r in ranks) / count:.2f}; "
        f"results for three questions about something else: {strangers}"
    )


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def _rss() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
