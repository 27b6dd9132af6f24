"""Knowledge bases over HTTP: make, fill, search, share, erase."""

import base64
import json
from pathlib import Path

import pytest

from memos.records.knowledge import FileType
from tests.api.knowledge import POLICY, RICHTLINIE, added, data_url, found, made, one
from tests.conftest import KEY, Api

BASE = "/api/openmem/v1"


def upload(api: Api, base: str, **file: object) -> dict:
    return api.post("add/knowledgebase-file", {"knowledgebase_id": base, "file": [file]})


def form(api: Api, files: list[tuple[str, bytes, str]], **query: str) -> dict:
    parts = [("file", file) for file in files]
    return api.request("POST", f"{BASE}/add/knowledgebase-file", files=parts, params=query).json()


@pytest.fixture
def base(api: Api) -> str:
    return made(api)


@pytest.fixture
def other(api: Api) -> Api:
    """The same server under the key of another project."""
    project = api.system.records.create_project("other")
    return api.with_key(api.system.projects.create_key(project.id, "k").secret)


def test_ids_of_knowledge_bases_look_as_documented(api: Api) -> None:
    answer = api.post(
        "create/knowledgebase",
        {"knowledgebase_name": "cli kb", "knowledgebase_description": None, "source": "cli"},
    )
    assert answer["code"] == 0
    assert answer["data"]["id"].startswith("base")
    assert len(answer["data"]["id"]) == 40


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 40002),
        ({"knowledgebase_name": ""}, 40002),
        ({"knowledgebase_name": 5}, 40000),
        ({"knowledgebase_name": "x" * 201}, 40000),
        ({"knowledgebase_name": "x", "knowledgebase_description": 4}, 40000),
    ],
)
def test_a_knowledge_base_needs_a_name(api: Api, body: dict, code: int) -> None:
    answer = api.post("create/knowledgebase", body)
    assert (answer["code"], answer["data"]) == (code, {"id": ""})


def test_a_document_becomes_memories_that_are_found(api: Api, base: str) -> None:
    answer = upload(api, base, content=data_url(POLICY), name="policy.md")
    (file,) = answer["data"]
    assert (file["type"], file["name"], file["status"]) == ("document", "policy.md", "running")
    assert file["sizeMB"] == pytest.approx(len(POLICY) / 2**20, abs=1e-5)
    assert isinstance(file["size"], str)
    assert api.post("get/status", {"task_id": file["task_id"]})["data"]["status"] == "running"
    api.settle()
    assert api.post("get/status", {"task_id": file["task_id"]})["data"]["status"] == "completed"
    done = one(api, file["id"])
    assert (done["status"], done["progress"], done["reason"]) == ("completed", 100, None)
    first = found(api, "What is the limit for office software?", [base])[0]
    assert "office software is 800 yuan" in first["memory_value"]
    assert first["memory_key"].startswith("Software Procurement Reimbursement Policy")
    assert first["relativity"] > 0.9
    (source,) = first["sources"]
    assert (source["type"], source["file_id"]) == ("file", file["id"])
    assert source["file_name"] == "policy.md"
    assert first["memory_value"].split()[0] in POLICY
    assert first["info"] == {"file_id": file["id"], "file_name": "policy.md"}


def test_chinese_documents_are_found_by_chinese_questions(api: Api, base: str) -> None:
    added(api, base, RICHTLINIE, "制度.md")
    first = found(api, "办公软件限额是多少", [base])[0]
    assert "800元" in first["memory_value"]
    assert found(api, "今天天气怎么样", [base]) == []


def test_only_the_knowledge_bases_named_are_searched(api: Api, base: str) -> None:
    added(api, base)
    second = made(api, "HR")
    added(api, second, "Office software is installed by the service desk.", "desk.txt")
    query = "Who installs office software?"
    assert found(api, query, None) == []
    assert {m["sources"][0]["file_name"] for m in found(api, query, [second])} == {"desk.txt"}
    every = found(api, query, "all", relativity=0)
    assert {m["sources"][0]["file_name"] for m in every} == {"desk.txt", "policy.md"}
    assert [m["id"] for m in found(api, query, ["all"], relativity=0)] == [m["id"] for m in every]


def test_the_users_memories_stand_beside_those_of_the_knowledge_base(api: Api, base: str) -> None:
    api.post(
        "add/message",
        {
            "user_id": "memos_user_123",
            "conversation_id": "0610",
            "messages": [
                {"role": "user", "content": "I am a designer in the Creative Platform Department."}
            ],
            "async_mode": False,
        },
    )
    added(api, base)
    values = [
        m["memory_value"]
        for m in found(api, "Which software limit holds for me, a designer?", [base])
    ]
    assert any("design software is 1000 yuan" in value for value in values)
    assert any("Creative Platform" in value for value in values)


def test_a_knowledge_base_has_a_filter_of_its_own(api: Api, base: str) -> None:
    added(api, base)
    added(api, base, "The limit for office software in Berlin is 900 yuan.", "berlin.txt")
    query = "What is the limit for office software?"
    where = {"knowledgebase": {"and": [{"file_name": "berlin.txt"}]}}
    assert {m["sources"][0]["file_name"] for m in found(api, query, [base], filter=where)} == {
        "berlin.txt"
    }
    where = {"user": {"and": [{"scene": "none"}]}}
    assert len(found(api, query, [base], filter=where)) >= 2
    where = {"knowledgebase": {"and": [{"tags": {"contains": "multimodal:file"}}]}}
    assert len(found(api, query, [base], filter=where)) >= 2
    where = {"and": [{"create_time": {"lt": "2020-01-01"}}]}
    assert found(api, query, [base], filter=where) == []


def test_unlinked_and_unknown_knowledge_bases_are_refused(api: Api, base: str, other: Api) -> None:
    search = {"user_id": "u", "query": "q"}
    for body in ({"knowledgebase_ids": ["base-not-there"]}, {"knowledgebase_ids": [base]}):
        answer = other.post("search/memory", {**search, **body})
        assert answer["code"] == 50123
        assert answer["data"]["memory_detail_list"] == []
    assert other.post("search/memory", {**search, "knowledgebase_ids": "all"})["code"] == 0
    file = {"content": data_url("x"), "name": "a.txt"}
    for who, where, code in ((other, base, 50123), (api, "base-not-there", 50120)):
        body = {"knowledgebase_id": where, "file": [file]}
        refused = who.post("add/knowledgebase-file", body)
        assert (refused["code"], refused["data"]) == (code, [])
        listed = who.post("get/knowledgebase-file", {"knowledgebase_id": where})
        assert (listed["code"], listed["data"]["file_detail_list"]) == (code, [])
        gone = who.post("delete/knowledgebase", {"knowledgebase_id": where})
        assert (gone["code"], gone["data"]["success"]) == (code, False)


def test_another_project_sees_nothing_of_a_knowledge_base(api: Api, base: str, other: Api) -> None:
    file = added(api, base)
    memory = found(api, "office software limit", [base])[0]["id"]
    assert other.post("get/knowledgebase-file", {"file_ids": [file["id"]]})["data"]["total"] == 0
    deleted = other.post("delete/knowledgebase-file", {"file_ids": [file["id"]]})
    assert deleted["code"] == 40001
    assert other.get(f"get/memory/{memory}")["code"] == 40001
    assert other.post("delete/memory", {"memory_ids": [memory]})["code"] == 40307
    assert other.post("get/status", {"task_id": file["task_id"]})["code"] == 50131
    explained = {"user_id": "u", "query": "q", "memory_id": memory}
    assert other.post("explain/memory", explained)["code"] == 40001


def test_a_linked_project_shares_all_of_it(api: Api, base: str, other: Api) -> None:
    file = added(api, base)
    api.system.projects.link(base, "other")
    memory = found(other, "office software limit", "all")[0]
    assert other.get(f"get/memory/{memory['id']}")["data"]["sources"][0]["type"] == "file"
    listed = other.post("get/knowledgebase-file", {"knowledgebase_id": base})["data"]
    assert [f["id"] for f in listed["file_detail_list"]] == [file["id"]]
    explained = {"user_id": "u", "query": "office software limit", "memory_id": memory["id"]}
    verdict = other.post("explain/memory", {**explained, "knowledgebase_ids": [base]})["data"]
    assert (verdict["returned"], verdict["rank"]) == (True, 1)
    # Taken from one project, it stays with the other, whole.
    assert api.post("delete/knowledgebase", {"knowledgebase_id": base})["data"]["success"]
    assert (
        api.post("search/memory", {"user_id": "u", "query": "q", "knowledgebase_ids": [base]})[
            "code"
        ]
        == 50123
    )
    assert found(other, "office software limit", [base])[0]["id"] == memory["id"]


def test_uploads_come_in_every_documented_form(api: Api, base: str) -> None:
    text = "The canteen opens at noon."
    plain = base64.b64encode(text.encode()).decode()
    cases = [
        {"content": plain, "name": "a.txt"},
        {"content": plain, "file_name": "b.md", "mime_type": "text/markdown"},
        {"content": data_url(text + "1", "text/plain"), "name": "no ending"},
        {"content": data_url(text + "2", "text/plain")},
        {"content": base64.urlsafe_b64encode((text + "5 ??>>~~ÿÿ?>").encode()).decode()},
        {"content": plain[:20] + "\n" + plain[20:] + "\n", "name": "c.txt", "type": "document"},
        {"content": data_url(f'{{"a": "{text}3"}}', "application/json; charset=utf-8")},
        {"content": data_url(f"<a>{text}4</a>", "text/xml"), "name": "dir/e.xml", "type": None},
    ]
    answer = api.post("add/knowledgebase-file", {"knowledgebase_id": base, "file": cases})
    assert answer["code"] == 0, answer
    names = [file["name"] for file in answer["data"]]
    assert names[0] == names[1] == names[5] == "a.txt"  # the same content, taken once
    assert names[2:5] == ["no ending", "document-4.txt", "document-5.txt"]
    assert names[6:] == ["document-7.json", "e.xml"]
    api.settle()
    listed = api.post("get/knowledgebase-file", {"knowledgebase_id": base, "page_size": 20})["data"]
    assert {f["status"] for f in listed["file_detail_list"]} == {"completed"}
    assert listed["total"] == 6


def test_a_form_with_files_is_taken(api: Api, base: str) -> None:
    files = [
        ("note.txt", b"The canteen opens at noon.", "text/plain"),
        ("说明 1.md", "# 食堂\n\n食堂中午开门。".encode(), "application/octet-stream"),
    ]
    answer = form(api, files, knowledgebase_id=base, type="document")
    assert [f["name"] for f in answer["data"]] == ["note.txt", "说明 1.md"]
    api.settle()
    assert one(api, answer["data"][1]["id"])["status"] == "completed"
    assert "noon" in found(api, "When does the canteen open?", [base])[0]["memory_value"]
    assert form(api, files, type="document")["code"] == 40002
    assert form(api, files, knowledgebase_id=base, type="image")["code"] == 40006
    assert form(api, [("a.exe", b"MZ", "")], knowledgebase_id=base)["code"] == 40007
    assert form(api, [], knowledgebase_id=base)["code"] in {40000, 40002, 40003}


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ({"content": "QUJD", "type": "image"}, 40006),
        ({"content": "QUJD", "type": 5}, 40006),
        ({"content": "QUJD", "name": "a.exe"}, 40007),
        ({"content": "QUJD", "name": "a.zip"}, 40007),
        ({"content": "QUJD", "name": "a.pdf", "type": "skill"}, 40007),
        ({"content": "QU JD*", "name": "a.txt"}, 40008),
        ({"content": "IMG 2.pdf"}, 40008),
        ({"content": "你好", "name": "a.txt"}, 40008),
        ({"content": "QUJDR", "name": "a.txt"}, 40009),
        ({"content": "QU=D", "name": "a.txt"}, 40009),
        ({"content": "Q===", "name": "a.txt"}, 40009),
        ({"content": "data:text/plain,abc", "name": "a.txt"}, 40009),
        ({"content": "data:text/plain;base64", "name": "a.txt"}, 40009),
        ({"content": "ftp://example.com/a.txt"}, 40000),
        ({"content": "file:///etc/passwd"}, 40000),
        ({"content": "http://"}, 40000),
        ({"content": "https://[::1/a"}, 40000),
        ({"content": "", "name": "a.txt"}, 40002),
        ({"name": "a.txt"}, 40002),
        ({"content": 7}, 40000),
        ({"content": "QUJD", "name": "x" * 300 + ".txt"}, 40000),
    ],
)
def test_a_file_that_cannot_be_taken_is_told_at_once(
    api: Api, base: str, file: dict, code: int
) -> None:
    answer = upload(api, base, **file)
    assert (answer["code"], answer["data"]) == (code, [])
    assert api.post("get/knowledgebase-file", {"knowledgebase_id": base})["data"]["total"] == 0
    assert api.system.records.unfinished() == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"file": [{"content": "QUJD"}]}, 40002),
        ({"knowledgebase_id": "", "file": [{"content": "QUJD"}]}, 40002),
        ({"knowledgebase_id": "b"}, 40002),
        ({"knowledgebase_id": "b", "file": []}, 40003),
        ({"knowledgebase_id": "b", "file": {"content": "QUJD"}}, 40000),
        ({"knowledgebase_id": "b", "file": ["QUJD"]}, 40000),
        ([], 40000),
    ],
)
def test_an_upload_needs_its_fields(api: Api, body: object, code: int) -> None:
    answer = api.post("add/knowledgebase-file", body)
    assert (answer["code"], answer["data"]) == (code, [])


def test_more_files_than_documented_are_refused(api: Api, base: str) -> None:
    files = [{"content": data_url(f"{n}"), "name": f"{n}.txt"} for n in range(21)]
    answer = api.post("add/knowledgebase-file", {"knowledgebase_id": base, "file": files})
    assert answer["code"] == 50103
    many = [(f"{n}.txt", b"x", "text/plain") for n in range(21)]
    assert form(api, many, knowledgebase_id=base)["code"] == 50103
    assert api.post("get/knowledgebase-file", {"knowledgebase_id": base})["data"]["total"] == 0


def test_what_cannot_be_read_fails_with_its_reason(api: Api, base: str) -> None:
    for name, content, reason in (
        ("empty.txt", b"", "empty"),
        ("broken.pdf", b"no pdf at all", "ending"),
        ("blank.txt", b"  \n \n", "text"),
        ("binary.txt", bytes(range(256)) * 40, "binary"),
    ):
        answer = form(api, [(name, content, "")], knowledgebase_id=base)
        api.settle()
        failed = one(api, answer["data"][0]["id"])
        assert failed["status"] == "failed"
        assert reason in failed["reason"], failed["reason"]
        status = api.post("get/status", {"task_id": failed["task_id"]})["data"]["status"]
        assert status == "failed"


def test_the_same_content_is_worked_on_once(api: Api, base: str) -> None:
    first = added(api, base)
    again = upload(api, base, content=data_url(POLICY), name="copy.md")
    assert again["data"][0]["id"] == first["id"]
    assert again["data"][0]["status"] == "completed"
    assert api.system.records.unfinished() == 0


def test_files_are_listed_by_page_and_type(api: Api, base: str) -> None:
    for number in range(5):
        added(api, base, f"Rule {number}.", f"{number}.txt")
    page = api.post("get/knowledgebase-file", {"knowledgebase_id": base, "page_size": 2, "page": 2})
    data = page["data"]
    assert [f["name"] for f in data["file_detail_list"]] == ["2.txt", "1.txt"]
    assert (data["total"], data["page"], data["page_size"]) == (5, 2, 2)
    skills = api.post("get/knowledgebase-file", {"knowledgebase_id": base, "type": "skill"})
    assert (skills["data"]["total"], skills["data"]["file_detail_list"]) == (0, [])
    everything = api.post(
        "get/knowledgebase-file",
        {"file_ids": None, "knowledgebase_id": base, "type": None, "page": None, "page_size": None},
    )
    assert everything["data"]["total"] == 5


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"file_ids": []},
        {"file_ids": ["a"], "knowledgebase_id": "b"},
        {"file_ids": ["a"], "page": 1},
        {"file_ids": ["a"], "type": "document"},
        {"file_ids": ["a"], "page_size": 3},
        {"file_ids": "a"},
    ],
)
def test_files_are_asked_for_in_one_of_two_ways(api: Api, body: dict) -> None:
    answer = api.post("get/knowledgebase-file", body)
    assert (answer["code"], answer["data"]) == (40000, {"file_detail_list": []})


def test_a_deleted_file_takes_its_memories_with_it(api: Api, base: str) -> None:
    kept = added(api, base, "The limit for office software in Berlin is 900 yuan.", "berlin.txt")
    gone = added(api, base)
    answer = api.post(
        "delete/knowledgebase-file", {"knowledgebase_id": base, "file_ids": [gone["id"]]}
    )
    assert answer["data"]["success"]
    assert answer["data"]["receipt"] == {"files": 1, "memories": 3, "contents": 1}
    left = found(api, "office software limit", [base], relativity=0)
    assert {m["sources"][0]["file_id"] for m in left} == {kept["id"]}
    assert api.post("get/knowledgebase-file", {"file_ids": [gone["id"]]})["data"]["total"] == 0
    again = api.post("delete/knowledgebase-file", {"file_ids": [gone["id"]]})
    assert (again["code"], again["data"]["success"]) == (40001, False)
    assert api.post("delete/knowledgebase-file", {"file_ids": []})["code"] == 40003
    assert api.post("delete/knowledgebase-file", {})["code"] == 40002
    other = made(api, "other")
    wrong = {"knowledgebase_id": other, "file_ids": [kept["id"]]}
    assert api.post("delete/knowledgebase-file", wrong)["code"] == 40001
    assert one(api, kept["id"])["status"] == "completed"


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize("whole", [False, True], ids=["file", "knowledge base"])
def test_no_byte_of_what_is_erased_is_left(api: Api, base: str, whole: bool) -> None:
    folder = api.system.settings.data_dir
    secret = "Operation Zwielicht begins behind the Obsidian gate.\n\n"
    file = added(api, base, secret * 40, "Zwielicht-Akte.txt")
    other = added(api, base, "The canteen opens at noon.", "canteen.txt")
    assert b"Zwielicht" in bytes_of(folder)
    if whole:
        api.post("delete/knowledgebase", {"knowledgebase_id": base})
    else:
        api.post("delete/knowledgebase-file", {"file_ids": [file["id"]]})
    left = bytes_of(folder)
    for part in (b"Zwielicht", b"Obsidian", secret[:30].encode()):
        assert part not in left
    assert (b"The canteen opens at noon." in left) == (not whole)
    assert (len(api.system.records.files(_project(api), [other["id"]])) == 1) == (not whole)
    receipt = api.system.records.audit_rows(limit=1)[0]
    assert receipt.details["memories"] >= 1
    assert receipt.details["contents"] == (2 if whole else 1)


def _project(api: Api) -> str:
    return api.system.records.authenticate(KEY).project_id


def test_shared_content_stays_while_another_knowledge_base_needs_it(api: Api, base: str) -> None:
    second = made(api, "second")
    first, twin = added(api, base), added(api, second)
    api.post("delete/knowledgebase-file", {"file_ids": [first["id"]]})
    digest = api.system.records.file(twin["id"]).digest
    assert api.system.files.path(digest).read_text() == POLICY
    assert found(api, "office software limit", [second])
    assert found(api, "office software limit", [base]) == []


def test_memories_of_documents_are_deleted_with_their_file_only(api: Api, base: str) -> None:
    added(api, base)
    memory = found(api, "office software limit", [base])[0]["id"]
    assert api.post("delete/memory", {"memory_ids": [memory]})["code"] == 40306
    assert found(api, "office software limit", [base])[0]["id"] == memory


def test_a_deleted_project_takes_what_no_other_has(api: Api, base: str, other: Api) -> None:
    shared = made(other, "shared")
    mine = made(other, "mine")
    added(other, mine, "A secret nobody shares.", "a.txt")
    added(other, shared, "The canteen opens at noon.", "b.txt")
    owner = api.system.records.projects()[0]
    api.system.projects.link(shared, owner.id)
    api.system.projects.delete("other")
    assert [b.id for b in api.system.records.knowledgebases()] == [base, shared]
    assert "noon" in found(api, "When does the canteen open?", [shared])[0]["memory_value"]
    assert b"A secret nobody" not in bytes_of(api.system.settings.data_dir)


def test_quotas_are_those_of_the_settings(api: Api, base: str) -> None:
    limits = api.system.knowledge.bases.limits
    assert limits.bases == 100
    assert limits.base_bytes == 10 * 2**30
    assert (limits.files, limits.file_bytes, limits.upload_bytes) == (20, 100 * 2**20, 300 * 2**20)


def test_an_unknown_key_is_refused_before_the_body_is_read(api: Api, base: str) -> None:
    answer = api.request(
        "POST",
        f"{BASE}/add/knowledgebase-file",
        content=b"x" * 1000,
        headers={"Authorization": "Token mpg-nobody"},
    )
    assert (answer.status_code, answer.json()["code"]) == (401, 40132)


def test_odd_bodies_are_told(api: Api, base: str) -> None:
    path = f"{BASE}/add/knowledgebase-file"
    for content_type, content in (
        ("application/json", b"{"),
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nabc"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--x\r\nA: b\r\n\r\nabc\r\n--x--"),
        ("text/plain", b"hello"),
        ("", b""),
    ):
        headers = {"Authorization": f"Token {KEY}", "Content-Type": content_type}
        url = f"{path}?knowledgebase_id={base}"
        answer = api.request("POST", url, content=content, headers=headers).json()
        assert answer["code"] in {40000, 40003}, (content_type, content, answer)


def test_a_large_upload_goes_over_the_disk(api: Api, base: str) -> None:
    text = "".join(f"Line {n} of a long book about nothing at all.\n" for n in range(60_000))
    escaped = json.dumps(
        {
            "knowledgebase_id": base,
            "file": [
                {"content": data_url(text, "text/plain"), "name": "book.txt"},
                {"content": data_url("short", "text/plain"), "name": "short.txt"},
            ],
        }
    ).replace("/", "\\/")
    headers = {"Authorization": f"Token {KEY}", "Content-Type": "application/json"}
    url = f"{BASE}/add/knowledgebase-file"
    answer = api.request("POST", url, content=escaped.encode(), headers=headers).json()
    assert [f["name"] for f in answer["data"]] == ["book.txt", "short.txt"]
    stored = api.system.records.file(answer["data"][0]["id"])
    assert api.system.files.path(stored.digest).read_text() == text
    assert stored.type is FileType.DOCUMENT
    broken = escaped.replace("base64,", "base64,*", 1).encode()
    assert api.request("POST", url, content=broken, headers=headers).json()["code"] == 40008
    cut = escaped.replace('","name"', "", 1)[:-40].encode()
    assert api.request("POST", url, content=cut, headers=headers).json()["code"] == 40000
