"""A store that cannot be written, or is not there any more: what was accepted is kept."""

import logging

import pytest

from memos.configs.settings import Settings
from memos.embedders.base import Embedder
from memos.graph_dbs.sqlite import SqliteGraphStore
from memos.mem_os.bootstrap import build
from tests.conftest import Api

SAID = [{"role": "user", "content": "My cat is called Miso. " * 400}]


def limit_pages(api: Api, spare: int) -> None:
    """Let the file of the graph grow by so many pages only."""
    graph = api.system.graph
    assert isinstance(graph, SqliteGraphStore)
    pages = graph._writer.run(lambda connection: connection.execute("pragma page_count").get)
    most = pages + spare
    graph._writer.run(lambda c: c.execute(f"pragma max_page_count={most}").fetchall())


def test_an_add_that_is_stored_is_no_failure_when_it_cannot_be_indexed_yet(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    limit_pages(api, 0)
    answer = api.post("add/message", {"user_id": "u", "messages": SAID})
    assert "searchable later" in caplog.text
    assert (answer["code"], answer["data"]["status"]) == (0, "running")
    limit_pages(api, 10_000)
    api.settle()
    done = api.post("get/status", {"task_id": answer["data"]["task_id"]})
    assert done["data"]["status"] == "completed"
    found = api.post("search/memory", {"user_id": "u", "query": "What is my cat called?"})
    assert "Miso" in found["data"]["memory_detail_list"][0]["memory_value"]


@pytest.mark.parametrize("missing", ["memory.db", "records.db"])
def test_a_store_that_went_missing_is_told(
    settings: Settings, embedder: Embedder, missing: str, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        build(settings, embedder=embedder).close()
        assert "missing" not in caplog.text
    (settings.data_dir / missing).unlink()
    with caplog.at_level(logging.WARNING):
        build(settings, embedder=embedder).close()
    assert [record.missing for record in caplog.records] == [missing]
