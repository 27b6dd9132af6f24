"""Several processes on one data folder that are told the same at once keep one memory."""

import subprocess
import sys
from pathlib import Path

from memos.configs.settings import Settings
from memos.handlers.caller import Caller
from memos.handlers.listing import ListCommand
from memos.mem_os.bootstrap import build
from tests.hash_embedder import HashEmbedder

ADDER = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from memos.configs.settings import Settings
from memos.handlers.add import AddCommand, IncomingMessage
from memos.handlers.caller import Caller
from memos.mem_os.bootstrap import build
from tests.hash_embedder import HashEmbedder

system = build(Settings(data_dir=Path(sys.argv[1])), embedder=HashEmbedder())
system.start()
project = system.records.projects()[0].id

def add(number):
    said = IncomingMessage("user", sys.argv[2], 1_757_635_200_000 + number)
    system.add(Caller(project, "test"), AddCommand("u", [said], wait=number % 2 == 0))

with ThreadPoolExecutor(8) as pool:
    list(pool.map(add, range(8)))
while system.records.unfinished():
    system.worker.drain()
system.close()
"""


def test_the_same_turn_told_by_three_processes_is_one_memory(tmp_path: Path) -> None:
    folder, said = tmp_path / "data", "My sister Anna plays the harp in Oslo."
    first = build(Settings(data_dir=folder, embedded_worker=False), embedder=HashEmbedder())
    first.start()
    first.close()
    command = [sys.executable, "-c", ADDER, str(folder), said]
    running = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait(timeout=120) for process in running] == [0, 0, 0]
    system = build(Settings(data_dir=folder, embedded_worker=False), embedder=HashEmbedder())
    try:
        caller = Caller(system.records.projects()[0].id, "test")
        page = system.listing.page(caller, ListCommand("u"))
        assert [view.value for view in page.facts] == [
            "The user's sister Anna plays the harp in Oslo."
        ]
        assert len({source.message_id for source in page.facts[0].item.sources}) == 24
    finally:
        system.close()
