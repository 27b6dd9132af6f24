"""Requests about knowledge bases as the known clients send them; answers read as strictly."""

import base64
from typing import Any

import pytest

from tests.api.test_recorded_requests import BASE, CLI, CLI_MARKS, NODE, SDK, ask, data
from tests.conftest import KEY, Api
from tests.strict_answers import Files, Found, MadeKnowledgebase, Removed, TakenFile

MCP_MARKS = {"source": "MODELSCOPE"}
CLIENTS: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "sdk": (SDK, {}),
    "cli": (CLI, CLI_MARKS),
    "mcp": (NODE, MCP_MARKS),
}
RULES = "Rule of the harbour: ships are unloaded before noon on working days."
SKILL = "---\nname: Unloading ships\ndescription: how a ship is unloaded\n---\n\n## Procedure\n1. Tie it.\n"


def encoded(text: str, media_type: str = "text/plain") -> str:
    return f"data:{media_type};base64,{base64.b64encode(text.encode()).decode()}"


FILES = {
    "sdk": [{"name": "rules.txt", "type": "document", "content": encoded(RULES)}],
    "cli": [{"content": encoded(RULES), "name": "rules.txt"}],
    "mcp": [
        {"content": encoded("# T\n\ntext", "text/markdown"), "file_name": "n.md",
         "mime_type": "text/markdown", "name": "n.md"},
        {"content": encoded(RULES), "mime_type": "text/plain", "name": "harbour rules.txt"},
    ],
}  # fmt: skip


def base_of(api: Api, client: str) -> str:
    headers, marks = CLIENTS[client]
    named = {"knowledgebase_name": f"{client} kb"}
    described = {"knowledgebase_description": None if client == "sdk" else "d"}
    made = data(ask(api, "create/knowledgebase", {**named, **described, **marks}, headers))
    return MadeKnowledgebase.model_validate(made).id


@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_can_use_a_knowledge_base(api: Api, client: str) -> None:
    headers, marks = CLIENTS[client]
    base = base_of(api, client)
    body = {"knowledgebase_id": base, "file": FILES[client], **marks}
    taken = [
        TakenFile.model_validate(file)
        for file in data(ask(api, "add/knowledgebase-file", body, headers))
    ]
    assert {file.status for file in taken} == {"running"}
    api.settle()
    ids = [file.id for file in taken]
    unused = dict.fromkeys(["knowledgebase_id", "type", "page", "page_size"])
    wanted = {"file_ids": ids, **(unused if client == "sdk" else {}), **marks}
    read = Files.model_validate(data(ask(api, "get/knowledgebase-file", wanted, headers)))
    assert [file.id for file in read.file_detail_list] == ids
    assert {file.status for file in read.file_detail_list} == {"completed"}
    search = {"query": "When are ships unloaded?", "user_id": "ana", "knowledgebase_ids": [base]}
    found = Found.model_validate(data(ask(api, "search/memory", {**search, **marks}, headers)))
    assert "before noon" in found.memory_detail_list[0].memory_value
    gone = {"file_ids": ids, **({"knowledgebase_id": base} if client == "cli" else {}), **marks}
    removed = data(ask(api, "delete/knowledgebase-file", gone, headers))
    assert Removed.model_validate(removed).success
    removed = data(ask(api, "delete/knowledgebase", {"knowledgebase_id": base, **marks}, headers))
    assert Removed.model_validate(removed).success


@pytest.mark.parametrize(
    "listing",
    [
        {"page": 1, "page_size": 10, "type": "document"},
        {"page": 1, "page_size": 20},
        {"file_ids": None, "type": "document", "page": 1, "page_size": 10},
    ],
)
def test_files_are_listed_as_the_clients_ask(api: Api, listing: dict) -> None:
    base = base_of(api, "cli")
    body = {"knowledgebase_id": base, "file": FILES["mcp"]}
    data(ask(api, "add/knowledgebase-file", body, NODE))
    api.settle()
    wanted = {"knowledgebase_id": base, **listing, **CLI_MARKS}
    read = Files.model_validate(data(ask(api, "get/knowledgebase-file", wanted, CLI)))
    assert [file.name for file in read.file_detail_list] == ["harbour rules.txt", "n.md"]
    assert (read.total, read.page, read.page_size) == (2, 1, listing["page_size"])


def test_the_form_of_the_sdk_is_taken(api: Api) -> None:
    base = base_of(api, "sdk")
    answer = api.request(
        "POST",
        f"{BASE}/add/knowledgebase-file",
        params={"knowledgebase_id": base, "type": "document"},
        files=[("file", ("note.txt", RULES.encode(), "text/plain"))],
        headers={"Authorization": f"Token {KEY}", "Accept": "*/*"},
    )
    (taken,) = data(answer)
    assert TakenFile.model_validate(taken).name == "note.txt"


def test_a_skill_is_taken_as_the_sdk_sends_it(api: Api) -> None:
    base = base_of(api, "sdk")
    file = {"type": "skill", "name": "sop.md", "content": encoded(SKILL, "text/markdown")}
    body = {"knowledgebase_id": base, "file": [file]}
    (taken,) = data(ask(api, "add/knowledgebase-file", body, SDK))
    assert TakenFile.model_validate(taken).type == "skill"
    api.settle()
    (read,) = data(ask(api, "get/knowledgebase-file", {"file_ids": [taken["id"]]}, SDK))[
        "file_detail_list"
    ]
    assert read["status"] in {"completed", "failed"}
