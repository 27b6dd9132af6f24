"""Reading processes: started when needed, used again, replaced when a file kills them."""

import logging
import sys
import threading
from pathlib import Path

import pytest

import documents
from memos.errors import DocumentError
from memos.parsers.base import ParseLimits
from memos.parsers.process import ProcessOptions, ProcessParser, ReadingProcesses
from memos.parsers.process_image import ProcessImageReader

HANDLER = "unit.parsers.hostile:handle"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="limits are kept by Linux")


@pytest.fixture
def processes(monkeypatch):
    monkeypatch.setenv("MEMOS_SECRET_FOR_TEST", "s3cret")
    made = ReadingProcesses(HANDLER, ProcessOptions(processes=2, memory=700 * 2**20, idle_s=60))
    yield made
    made.close()


def ask(processes, do, seconds=20.0, **more):
    return processes.ask({"do": do, **more}, seconds)


def test_a_process_is_used_again(processes):
    assert ask(processes, "pid") == ask(processes, "pid")


def test_what_a_library_prints_does_not_disturb_the_answers(processes):
    assert ask(processes, "print") == "quiet"
    assert ask(processes, "print") == "quiet"


@pytest.mark.parametrize("how", ["hang", "spin"])
def test_a_process_that_takes_too_long_is_killed_and_replaced(processes, how):
    before = ask(processes, "pid")
    with pytest.raises(DocumentError, match=r"longer than 0\.3 seconds"):
        ask(processes, how, seconds=0.3)
    assert ask(processes, "pid") != before


@pytest.mark.parametrize("how", ["crash", "exit"])
def test_a_process_that_dies_takes_nothing_with_it(processes, how, caplog):
    with caplog.at_level(logging.WARNING), pytest.raises(DocumentError, match="broken"):
        ask(processes, how)
    assert "a reading process died" in caplog.text
    assert isinstance(ask(processes, "pid"), int)


@LINUX
def test_memory_is_limited(processes):
    with pytest.raises(DocumentError, match="memory"):
        ask(processes, "eat")
    assert isinstance(ask(processes, "pid"), int)


@LINUX
def test_no_file_can_be_written(processes, tmp_path: Path):
    with pytest.raises(DocumentError):
        ask(processes, "write", path=str(tmp_path / "x"))
    assert not (tmp_path / "x").exists() or (tmp_path / "x").stat().st_size == 0


def test_the_environment_of_the_server_is_not_passed_on(processes):
    assert not any("SECRET" in name for name in ask(processes, "environment"))


def test_an_unexpected_failure_is_told_without_its_details(processes, caplog):
    with caplog.at_level(logging.WARNING), pytest.raises(DocumentError) as caught:
        ask(processes, "raise")
    assert caught.value.message == "the file is broken: its reader failed"
    logged = " ".join(str(record.__dict__) for record in caplog.records)
    assert "KeyError" in logged
    assert "detail" not in logged


def test_no_more_processes_than_allowed_run_at_once(processes):
    found = set()
    threads = [threading.Thread(target=lambda: found.add(ask(processes, "pid"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= len(found) <= 2


def test_documents_come_out_as_they_went_in(tmp_path: Path):
    parser = ProcessParser(ProcessImageReader())
    try:
        path = tmp_path / "policy.docx"
        documents.docx(path)
        document = parser.parse(path, path.name, ParseLimits())
        assert document.title == documents.TITLE
        assert document.blocks[1].text == "Hotels"
        (tmp_path / "empty.pdf").touch()
        with pytest.raises(DocumentError, match="empty"):
            parser.parse(tmp_path / "empty.pdf", "empty.pdf", ParseLimits())
    finally:
        parser.close()
