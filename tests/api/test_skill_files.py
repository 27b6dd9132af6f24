"""Uploaded skills over HTTP: the documented return example, search beside generated ones, download."""

import io
import zipfile
from pathlib import Path

import pytest

from memos.handlers.skill import LIFETIME_MS
from memos.mem_os.skills import link_secret
from tests.api.knowledge import data_url, made, one
from tests.api.test_skill_generation import BUSY, add
from tests.conftest import Api
from tests.unit.memories.test_skill_file import RETURNS, package

QUESTION = "The user wants to return headphones bought three days ago"


@pytest.fixture
def base(api: Api) -> str:
    return made(api, "After-sales")


def upload(
    api: Api, base: str, content: str | bytes, name: str, kind: str = "text/markdown"
) -> dict:
    file = {"type": "skill", "name": name, "content": data_url(content, kind)}
    answer = api.post("add/knowledgebase-file", {"knowledgebase_id": base, "file": [file]})
    assert answer["code"] == 0, answer
    api.settle()
    return one(api, answer["data"][0]["id"])


def skills(api: Api, base: object, query: str = QUESTION, **more: object) -> list[dict]:
    body = {
        "query": query,
        "user_id": "memos_user_123",
        "conversation_id": "session_001",
        "knowledgebase_ids": base,
        "include_skill": True,
        **more,
    }
    return api.post("search/memory", body)["data"]["skill_detail_list"]


def download(api: Api, url: str):
    assert url.startswith("http://testserver/skills/")
    return api.http.get(url.removeprefix("http://testserver"))


def test_the_documented_return_skill_is_uploaded_found_and_downloaded(api: Api, base: str) -> None:
    file = upload(api, base, RETURNS, "customer-return-sop.md")
    assert file["status"] == "completed"
    [skill] = skills(api, [base])
    assert skill["skill_value"]["name"] == "Customer Return Processing"
    assert skill["skill_value"]["procedure"][0] == "Verify user identity and order number"
    assert skill["skill_value"]["preference"] == [
        "Recommend pickup service first to reduce user effort"
    ]
    assert skill["skill_type"] == "uploaded"
    answer = download(api, skill["skill_url"])
    assert answer.status_code == 200
    assert answer.text == RETURNS
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''SKILL.md"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_package_comes_back_as_it_was_sent(api: Api, base: str) -> None:
    data = package({"SKILL.md": RETURNS.encode(), "scripts/check_order.py": b"print()"})
    upload(api, base, data, "refund sop/v1.zip", "application/zip")
    [skill] = skills(api, "all")
    assert "v1.zip" in skill["skill_url"]
    answer = download(api, skill["skill_url"])
    assert answer.content == data
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["SKILL.md", "scripts/check_order.py"]


def test_skills_are_searched_only_in_the_named_knowledge_bases(api: Api, base: str) -> None:
    upload(api, base, RETURNS, "a.md")
    assert skills(api, None) == []
    assert skills(api, [base], include_skill=False) == []
    assert skills(api, [base], "How do I bake bread?") == []


def test_uploaded_and_generated_skills_come_in_one_list(api: Api, base: str) -> None:
    trips = (
        "---\nname: Group Trips\ndescription: Plan a trip for a group of travelers\n---\n1. Ask\n"
    )
    upload(api, base, trips, "trips.md")
    add(api, "memos_user_123", BUSY)
    found = skills(api, [base], "I'm planning a trip to Yunnan")
    assert {s["skill_type"] for s in found} == {"uploaded", "generated"}
    scores = [s["relativity"] for s in found]
    assert min(scores) >= 0.45
    generated = next(s for s in found if s["skill_type"] == "generated")
    text = download(api, generated["skill_url"]).text
    assert text.startswith("---\nname: Travel Planning\ndescription: ")
    assert "## Procedure\n1. Mark the must-try food along the route" in text
    assert "## User Preferences\n- Likes intense, no-backtracking trips" in text


@pytest.mark.parametrize(
    ("content", "name", "kind", "reason"),
    [
        ("# no front matter", "a.md", "text/markdown", "front matter"),
        (package({"x/SKILL.md": RETURNS.encode()}), "a.zip", "application/zip", "first level"),
        (package({"SKILL.md": b"---\nname: x\n---\n"}), "a.zip", "application/zip", "description"),
    ],
)
def test_a_file_that_is_no_skill_fails_with_its_reason(
    api: Api, base: str, content: str | bytes, name: str, kind: str, reason: str
) -> None:
    file = upload(api, base, content, name, kind)
    assert file["status"] == "failed"
    assert reason in file["reason"]
    assert skills(api, [base], relativity=0) == []


def test_deleting_the_file_takes_its_skill_and_link_with_it(api: Api, base: str) -> None:
    marked = RETURNS.replace("order number", "zorbleplex number")
    file = upload(api, base, marked, "a.md")
    [skill] = skills(api, [base])
    assert api.post("delete/knowledgebase-file", {"file_ids": [file["id"]]})["code"] == 0
    assert skills(api, [base], relativity=0) == []
    assert download(api, skill["skill_url"]).status_code == 404
    left = [f for f in api.system.settings.data_dir.rglob("*") if f.is_file()]
    assert not any(b"zorbleplex" in f.read_bytes() for f in left)


def test_a_link_that_is_changed_or_old_opens_nothing(api: Api, base: str) -> None:
    upload(api, base, RETURNS, "a.md")
    [skill] = skills(api, [base])
    url = skill["skill_url"]
    head, _, signature = url.rpartition("=")
    other = signature[:-1] + ("0" if signature[-1] != "0" else "1")
    expires = url.partition("expires=")[2].partition("&")[0]
    for wrong in (
        f"{head}={other}",
        f"{head}=",
        f"{head}=%E4%B8%AD",
        url.partition("?")[0],
        url.replace(expires, str(int(expires) + 1)),
        url.replace(expires, "9" * 40),
        url.replace(skill["id"], "6b23b583-f4c4-4a8f-b345-58d0c48fea04"),
    ):
        answer = download(api, wrong)
        assert answer.status_code == 404
        assert answer.json()["code"] == 40001
        assert RETURNS[:40] not in answer.text
    files = api.system.knowledge.skill_files
    signed_long_ago = files._signature(url.split("/")[4], skill["id"], 1000)
    old = f"{url.partition('?')[0]}?expires=1000&signature={signed_long_ago}"
    assert "expired" in download(api, old).json()["message"]
    assert int(expires) - api.system.clock.now_ms() <= LIFETIME_MS


def test_a_signature_opens_no_other_kind_of_memory(api: Api) -> None:
    api.post(
        "add/message",
        {"user_id": "u", "messages": [{"role": "user", "content": "I live in Rome."}]},
    )
    api.settle()
    [fact] = api.post("get/memory", {"user_id": "u"})["data"]["memory_detail_list"]
    project = api.system.records.projects()[0].id
    expires = api.system.clock.now_ms() + 1000
    signature = api.system.knowledge.skill_files._signature(project, fact["id"], expires)
    url = f"http://testserver/skills/{project}/{fact['id']}/SKILL.md"
    assert download(api, f"{url}?expires={expires}&signature={signature}").status_code == 404


def test_the_secret_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    first = link_secret(tmp_path)
    assert link_secret(tmp_path) == first
    assert len(first) == 32
    [file] = tmp_path.iterdir()
    assert file.stat().st_mode & 0o077 == 0
