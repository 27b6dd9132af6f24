"""Messages with documents, pictures and sound: read, reported part by part, and erased for good."""

import base64
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import documents
from conftest import Api
from file_server import FileServer, Served, file_server
from memos.configs.settings import Settings

USER = "mei"
RECEIPT = Path(__file__).parents[1] / "fixtures" / "receipt.png"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Files may be fetched from this machine, and have three pages at most."""
    return settings.model_copy(update={"fetch_allow": ("127.0.0.1",), "document_max_pages": 3})


@pytest.fixture
def web() -> Iterator[FileServer]:
    with file_server() as running:
        yield running


def encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def text_part(text: str) -> dict:
    return {"type": "text", "text": text}


def file_part(data: str, **more: str) -> dict:
    return {"type": "file", "file": {"file_data": data, **more}}


def image_part(url: str) -> dict:
    return {"type": "image_url", "image_url": {"url": url}}


def add(api: Api, *parts: dict, **more: object) -> dict:
    body = {"user_id": USER, "conversation_id": "c", **more}
    body["messages"] = [{"role": "user", "content": list(parts)}]
    answer = api.post("add/message", body)
    assert (answer["code"], answer["data"]["status"]) == (0, "running")
    api.settle()
    return api.post("get/status", {"task_id": answer["data"]["task_id"]})["data"]


def search(api: Api, query: str) -> list[dict]:
    body = {"user_id": USER, "query": query, "relativity": 0}
    return api.post("search/memory", body)["data"]["memory_detail_list"]


def listed(api: Api) -> list[dict]:
    body = {"user_id": USER, "size": 50}
    return api.post("get/memory", body)["data"]["memory_detail_list"]


def bytes_on_disk(api: Api) -> bytes:
    folder = api.system.settings.data_dir
    return b"".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file())


def stored_files(api: Api) -> list[Path]:
    folder = api.system.settings.data_dir / "files"
    return [p for p in folder.glob("??/*") if p.is_file()]


def test_a_document_becomes_memories_of_the_user(api: Api, tmp_path: Path):
    path = tmp_path / "policy.pdf"
    documents.pdf(path)
    data = encoded(path)
    said = "I have to follow this policy."
    status = add(api, text_part(said), file_part(data, filename="policy.pdf"), async_mode=False)
    [report] = status["parts"]
    assert status["status"] == "completed"
    assert report["memories"] > 0
    assert {**report, "memories": 0} == {
        "message": 0, "part": 1, "type": "file", "status": "read", "reason": "", "memories": 0,
        "pages": 1,
    }  # fmt: skip
    best = next(m for m in search(api, "hotel limit in Berlin") if "140 euros" in m["memory_value"])
    assert best["memory_type"] == "RawFileMemory"
    assert best["memory_key"].startswith("Travel policy > Hotels")
    assert {"mode:fine", "multimodal:file"} <= set(best["tags"])
    [source] = best["sources"]
    assert (source["type"], source["file_name"], source["page"]) == ("file", "policy.pdf", 1)
    [message] = api.post("get/message", {"user_id": USER, "conversation_id": "c"})["data"][
        "message_detail_list"
    ]
    assert message["content"] == said
    assert source["message_id"] == message["id"]
    assert data[:200].encode() not in bytes_on_disk(api)
    assert [p.read_bytes() for p in stored_files(api)] == [path.read_bytes()]


def test_text_in_a_picture_is_found_in_both_languages(api: Api):
    status = add(api, image_part(f"data:image/png;base64,{encoded(RECEIPT)}"))
    assert (status["status"], status["parts"][0]["status"]) == ("completed", "read")
    [memory] = [m for m in search(api, "龙井茶多少钱") if "图" in m["memory_value"]
                or "picture" in m["memory_value"]]  # fmt: skip
    assert "龙井茶  38.00" in memory["memory_value"]
    assert "Green tea  12.50" in memory["memory_value"]
    assert "image" in memory["tags"]


def test_urls_are_fetched_under_guard(api: Api, web: FileServer, tmp_path: Path):
    path = tmp_path / "policy.docx"
    documents.docx(path)
    good = web.put("/policy.docx", Served(path.read_bytes(), "application/octet-stream"))
    status = add(
        api,
        file_part(good),
        image_part(web.put("/p.png", Served(RECEIPT.read_bytes(), "image/png"))),
        file_part("http://169.254.169.254/latest/meta-data"),
        file_part(web.url + "/missing.pdf"),
        file_part(f"http://localhost:{web.port}/policy.docx"),
    )
    assert status["status"] == "completed"
    assert [(line["status"], line["reason"]) for line in status["parts"]] == [
        ("read", ""),
        ("read", ""),
        ("failed", "the URL leads to an address that is not public"),
        ("failed", "the server of the URL answers 404"),
        ("read", ""),
    ]
    assert len(stored_files(api)) == 2


def test_a_server_that_is_down_is_asked_three_times(api: Api, web: FileServer):
    url = web.put("/a.md", Served(b"no", status=503))
    status = add(api, text_part("I live in Shanghai."), file_part(url))
    assert status["status"] == "completed"
    assert status["parts"][0]["reason"] == "the server of the URL answers 503"
    assert len(web.seen) == 3
    assert any("Shanghai" in m["memory_value"] for m in listed(api))


def test_parts_that_cannot_be_read_leave_the_rest(api: Api, tmp_path: Path):
    good = tmp_path / "good.md"
    good.write_text("# Tea\n\nLongjing tea costs 38 euros.")
    status = add(
        api,
        text_part("My name is Mei and I live in Shanghai."),
        file_part("IMG 2.pdf"),
        file_part("QUJD=", filename="a.txt"),
        file_part(base64.b64encode(b"MZ\x90").decode(), filename="a.exe"),
        image_part("IMG"),
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
        {"type": "file", "file": {"file_id": "file-abc"}},
        file_part(encoded(good), filename="good.md"),
    )
    assert status["status"] == "completed"
    assert [line["status"] for line in status["parts"]] == [
        "failed", "failed", "failed", "failed", "not_read", "failed", "read",
    ]  # fmt: skip
    assert all(line["reason"] for line in status["parts"][:-1])
    values = [m["memory_value"] for m in listed(api)]
    assert any("Longjing tea costs 38 euros." in value for value in values)
    assert any("Shanghai" in value for value in values)


def test_more_than_twenty_files_fail_the_task_and_keep_the_words(api: Api):
    tea = base64.b64encode(b"Tea costs four euros.").decode()
    status = add(api, text_part("I live in Shanghai."), *[file_part(tea)] * 21)
    assert status["status"] == "failed"
    assert all("more than 20 files" in line["reason"] for line in status["parts"])
    assert any("Shanghai" in m["memory_value"] for m in listed(api))


def test_a_document_with_too_many_pages_fails_the_task(api: Api, tmp_path: Path):
    long, short = tmp_path / "long.pdf", tmp_path / "short.md"
    documents.pdf(long, pages=4)
    short.write_text("Longjing tea costs 38 euros.")
    status = add(api, file_part(encoded(long)), file_part(encoded(short)))
    assert status["status"] == "failed"
    assert "4 pages, more than the 3" in status["parts"][0]["reason"]
    assert status["parts"][1]["status"] == "read"
    assert any("Longjing" in m["memory_value"] for m in listed(api))


def test_erasing_the_user_leaves_no_byte_of_files_and_memories(api: Api, tmp_path: Path):
    path = tmp_path / "secret.txt"
    path.write_text("The quuxifrage of the house is under the stone.")
    add(api, text_part("Look at this."), file_part(encoded(path), filename="zanzibar.txt"))
    assert b"quuxifrage" in bytes_on_disk(api)
    answer = api.post("delete/memory", {"user_id": USER})
    assert answer["code"] == 0
    left = bytes_on_disk(api)
    for words in (b"quuxifrage", b"zanzibar", base64.b64encode(b"The quuxif")):
        assert words not in left
    assert stored_files(api) == []


def test_erasing_one_memory_of_a_file_takes_the_original_with_it(api: Api, tmp_path: Path):
    path = tmp_path / "notes.md"
    path.write_text("# One\n\nThe quuxifrage is under the stone.\n\n# Two\n\nTea costs four euros.")
    add(api, text_part("I live in Shanghai."), file_part(encoded(path), filename="notes.md"))
    memories = {m["memory_value"]: m["id"] for m in listed(api)}
    target = next(id_ for value, id_ in memories.items() if "quuxifrage" in value)
    assert api.post("delete/memory", {"memory_ids": [target]})["code"] == 0
    assert b"quuxifrage" not in bytes_on_disk(api)
    assert stored_files(api) == []
    values = [m["memory_value"] for m in listed(api)]
    assert any("Tea costs four euros" in value for value in values)
    [message] = api.post("get/message", {"user_id": USER, "conversation_id": "c"})["data"][
        "message_detail_list"
    ]
    assert message["content"] == "I live in Shanghai."


def test_erasing_a_memory_of_one_file_leaves_the_others_and_the_text(api: Api):
    stone = base64.b64encode(b"The quuxifrage is under the stone.").decode()
    tea = base64.b64encode(b"Tea costs four euros.").decode()
    said = "I live in Shanghai."
    add(api, text_part(said), file_part(stone, filename="a.txt"), file_part(tea, filename="b.txt"))
    target = next(m["id"] for m in listed(api) if "quuxifrage" in m["memory_value"])
    assert api.post("delete/memory", {"memory_ids": [target]})["code"] == 0
    assert b"quuxifrage" not in bytes_on_disk(api)
    assert [p.read_bytes() for p in stored_files(api)] == [b"Tea costs four euros."]
    facts = [m for m in listed(api) if "Shanghai" in m["memory_value"]]
    assert api.post("delete/memory", {"memory_ids": [m["id"] for m in facts]})["code"] == 0
    assert said.encode() not in bytes_on_disk(api)
    assert [p.read_bytes() for p in stored_files(api)] == [b"Tea costs four euros."]
    target = next(m["id"] for m in listed(api) if "Tea costs" in m["memory_value"])
    assert api.post("delete/memory", {"memory_ids": [target]})["code"] == 0
    assert stored_files(api) == []
    assert b"Tea costs" not in bytes_on_disk(api)


def test_a_file_without_words_beside_it_stays_when_another_is_erased(api: Api):
    stone = base64.b64encode(b"The quuxifrage is under the stone.").decode()
    tea = base64.b64encode(b"Tea costs four euros.").decode()
    add(api, file_part(stone, filename="a.txt"), file_part(tea, filename="b.txt"))
    target = next(m["id"] for m in listed(api) if "quuxifrage" in m["memory_value"])
    assert api.post("delete/memory", {"memory_ids": [target]})["code"] == 0
    assert [p.read_bytes() for p in stored_files(api)] == [b"Tea costs four euros."]
    [message] = api.post("get/message", {"user_id": USER, "conversation_id": "c"})["data"][
        "message_detail_list"
    ]
    assert message["content"] == "[file]"


def found_by(api: Api, user: str, query: str, **more: object) -> list[str]:
    body = {"user_id": user, "query": query, "relativity": 0, **more}
    memories = api.post("search/memory", body)["data"]["memory_detail_list"]
    return [memory["memory_value"] for memory in memories]


def test_a_file_of_a_public_message_is_read_by_others_until_it_is_erased(api: Api):
    words = "# One\n\nThe quuxifrage is under the stone.\n\n# Two\n\nTea costs four euros."
    part = file_part(base64.b64encode(words.encode()).decode(), filename="notes.md")
    add(api, text_part("Read this, all."), part, allow_public=True)
    assert any("quuxifrage" in value for value in found_by(api, "tom", "quuxifrage"))
    tags = {tag for memory in listed(api) for tag in memory["tags"]}
    assert not any(tag.startswith("memos:") for tag in tags)
    target = next(m["id"] for m in listed(api) if "quuxifrage" in m["memory_value"])
    receipt = api.post("delete/memory", {"memory_ids": [target]})["data"]["receipt"]
    assert receipt["public_copies"] == 1
    assert not any("quuxifrage" in value for value in found_by(api, "tom", "quuxifrage"))
    assert any("Tea costs" in value for value in found_by(api, "tom", "tea"))
    assert b"quuxifrage" not in bytes_on_disk(api)
    api.post("delete/memory", {"user_id": USER})
    assert found_by(api, "tom", "tea") == []
    assert b"Tea costs" not in bytes_on_disk(api)


def test_a_file_is_shared_with_a_knowledge_base_when_the_add_says_so(api: Api):
    base = api.post("create/knowledgebase", {"knowledgebase_name": "Notes"})["data"]["id"]
    part = file_part(base64.b64encode(b"Tea costs four euros.").decode(), filename="a.txt")
    add(api, part, allow_knowledgebase_ids=[base])
    assert found_by(api, "tom", "tea") == []
    assert any("Tea costs" in v for v in found_by(api, "tom", "tea", knowledgebase_ids=[base]))
    api.post("delete/memory", {"user_id": USER})
    assert found_by(api, "tom", "tea", knowledgebase_ids=[base]) == []


def test_a_task_done_twice_gives_the_same_memories(api: Api, tmp_path: Path):
    path = tmp_path / "policy.md"
    documents.markdown(path)
    body = {"user_id": USER, "conversation_id": "c"}
    body["messages"] = [{"role": "user", "content": [file_part(encoded(path))]}]
    task_id = api.post("add/message", body)["data"]["task_id"]
    records, worker = api.system.records, api.system.worker
    project = records.projects()[0].id
    task = records.task(project, task_id)
    assert task.kind in api.system.worker._options.long
    worker._jobs[task.kind](task)
    first = sorted(m["id"] for m in listed(api))
    api.settle()
    assert sorted(m["id"] for m in listed(api)) == first
    assert len(first) > 2


def test_the_same_file_of_two_users_goes_with_the_last_of_them(api: Api):
    data = base64.b64encode(b"Tea costs four euros.").decode()
    for user in (USER, "tom"):
        body = {"user_id": user, "messages": [{"role": "user", "content": [file_part(data)]}]}
        api.post("add/message", body)
    api.settle()
    assert len(stored_files(api)) == 1
    api.post("delete/memory", {"user_id": USER})
    assert len(stored_files(api)) == 1
    api.post("delete/memory", {"user_id": "tom"})
    assert stored_files(api) == []


def test_passwords_in_files_are_masked(api: Api):
    words = "The database password is hunter2-Zx9Qw4; tea costs four euros."
    add(api, file_part(base64.b64encode(words.encode()).decode(), filename="a.txt"))
    [memory] = [m for m in listed(api) if "tea costs" in m["memory_value"]]
    assert "hunter2" not in memory["memory_value"]


def test_a_page_example_is_taken(api: Api):
    body = {"user_id": "memos_user_123", "conversation_id": "1211"}
    body["messages"] = [
        {"role": "user", "content": [text_part("I am studying MemOS.")]},
        {"role": "user", "content": [image_part("IMG")]},
        {"role": "user", "content": [file_part("IMG 2.pdf")]},
        {"role": "assistant", "content": "Okay, do you need any help?"},
    ]
    answer = api.post("add/message", body)
    assert answer["code"] == 0
    api.settle()
    status = api.post("get/status", {"task_id": answer["data"]["task_id"]})["data"]
    assert status["status"] == "completed"
    assert [(line["message"], line["part"]) for line in status["parts"]] == [(1, 0), (2, 0)]
    messages = api.post("get/message", {"user_id": "memos_user_123", "conversation_id": "1211"})
    contents = [m["content"] for m in messages["data"]["message_detail_list"]]
    assert contents == [
        "I am studying MemOS.",
        "[image_url]",
        "[file]",
        "Okay, do you need any help?",
    ]


def test_nothing_of_a_file_is_logged(api: Api, caplog):
    with caplog.at_level(logging.DEBUG):
        data = base64.b64encode(b"The quuxifrage costs 4 euros.").decode()
        add(api, file_part(data, filename="zanzibar.txt"), file_part("http://10.0.0.1/zanzibar"))
    logged = " ".join(str(record.__dict__) for record in caplog.records)
    assert "part of a message read" in logged
    assert "quuxifrage" not in logged
    assert "zanzibar" not in logged


def test_the_reader_survives_a_hostile_file(api: Api):
    bomb = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>'
    status = add(
        api,
        file_part(base64.b64encode(bomb).decode(), filename="a.xml"),
        file_part(base64.b64encode(b"<l>Tea costs four euros.</l>").decode(), filename="b.xml"),
    )
    assert [line["status"] for line in status["parts"]] == ["failed", "read"]


def test_erasing_does_not_wait_for_an_add_that_waits_for_it(api: Api):
    """Who stores a file may wait for an erasure; the erasure must not wait for the store in turn."""
    data = base64.b64encode(b"Tea costs four euros.").decode()
    body = {"user_id": USER, "messages": [{"role": "user", "content": [file_part(data)]}]}
    api.post("add/message", body)
    codes = []

    def repeat(path: str, request: dict) -> None:
        codes.extend(api.post(path, request)["code"] for _ in range(15))

    threads = [
        threading.Thread(target=repeat, args=("add/message", body)),
        threading.Thread(target=repeat, args=("delete/memory", {"user_id": USER})),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(codes) == 30
    assert set(codes) <= {0, 40308}
