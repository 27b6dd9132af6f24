"""The API as platforms import it: OpenAPI 3.0."""

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from tests.conftest import Api

PREFIX = "/api/openmem/v1/"


@pytest.fixture
def document(api: Api) -> dict[str, Any]:
    return api.request("GET", "/openapi-3.0.json", headers={"Host": "memos.example"}).json()


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from nodes(one)
    elif isinstance(value, list):
        for one in value:
            yield from nodes(one)


def test_it_names_version_address_and_key(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.0.3"
    assert document["servers"] == [{"url": "http://memos.example"}]
    [scheme] = document["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "Authorization")


def test_every_call_is_described_and_nothing_else(document: dict[str, Any]) -> None:
    assert all(path.startswith(PREFIX) for path in document["paths"])
    names = [one["operationId"] for path in document["paths"].values() for one in path.values()]
    assert {"add_message", "search_memory", "chat"} <= set(names)
    assert len(names) == len(set(names))
    calls = [one for path in document["paths"].values() for one in path.values()]
    assert all(one["summary"] and one["description"] for one in calls)


def test_no_word_of_a_later_version_is_left(document: dict[str, Any]) -> None:
    for node in nodes(document):
        assert node.get("type") != "null"
        assert not isinstance(node.get("type"), list)
        assert not isinstance(node.get("examples"), list)
        assert "const" not in node
        if "$ref" in node:
            assert set(node) == {"$ref"}
            assert (
                node["$ref"].removeprefix("#/components/schemas/")
                in document["components"]["schemas"]
            )


def test_the_schemas_still_say_what_is_taken(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    search = {**schemas["SearchMemoryRequest"], "components": document["components"]}
    jsonschema.validate({"query": "tea", "user_id": "mei", "memory_limit_number": 9}, search)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"query": 7, "user_id": "mei"}, search)
    limit = schemas["SearchMemoryRequest"]["properties"]["memory_limit_number"]
    assert "anyOf" not in limit or limit.get("nullable")
