"""Finding the descriptions of tools: in a system prompt, or in a part of a message."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from memos.types.memory import Source
from memos.types.message import Message
from memos.types.tool import ToolSchema

TOOLS_PART = "tools"
"""Type of the part of a message that lists tools."""
_MOST_SCHEMAS = 200
_MOST_STARTS = 2000
_LONGEST_SCHEMA = 20_000
_DEEPEST = 6
_START = re.compile(r"[\[{]\s*[\[{\"]")
_NAME = re.compile(r"[\w.:/-]{1,128}")
_PARAMETERS = ("parameters", "input_schema", "inputSchema", "arguments_schema", "args_schema")
_LISTS = ("tools", "functions", "tool_schemas", "tool_list")
_decode = json.JSONDecoder().raw_decode


def schemas_of(message: Message) -> list[ToolSchema]:
    """Tools a message describes, each name once (its last description counts).

    Recognised: objects with a `name` and a JSON Schema under `parameters` or `input_schema`, the
    same inside `{"type": "function", "function": ...}`, and lists of them, in the text of a system
    message or in a part of type `tools`.
    """
    source = Source(message.id, message.role, chat_time=message.chat_time)
    found: dict[str, ToolSchema] = {}
    for value in _values(message):
        for name, description, parameters in _described(value, 0):
            if len(json.dumps(parameters)) > _LONGEST_SCHEMA or len(found) >= _MOST_SCHEMAS:
                continue
            found.pop(name, None)
            found[name] = ToolSchema(name, description, parameters, source, message.chat_time)
    return list(found.values())


def _values(message: Message) -> Iterator[Any]:
    for part in message.parts:
        if part.get("type") == TOOLS_PART or any(isinstance(part.get(k), list) for k in _LISTS):
            yield part
    if message.role == "system":
        yield from _json_in(message.text)


def _json_in(text: str) -> Iterator[Any]:
    """JSON objects and lists inside a text, outermost first."""
    at = tried = 0
    while (match := _START.search(text, at)) is not None and tried < _MOST_STARTS:
        tried += 1
        try:
            value, at = _decode(text, match.start())
        except (ValueError, RecursionError):
            at = match.start() + 1
            continue
        yield value


def _described(value: Any, depth: int) -> Iterator[tuple[str, str, Mapping[str, Any]]]:  # noqa: ANN401
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for entry in value:
            yield from _described(entry, depth + 1)
        return
    if not isinstance(value, dict):
        return
    inner = value.get("function")
    if isinstance(inner, dict):
        yield from _described(inner, depth + 1)
        return
    for key in _LISTS:
        if isinstance(value.get(key), list | dict):
            yield from _described(value[key], depth + 1)
    name = value.get("name")
    parameters = next((value[key] for key in _PARAMETERS if isinstance(value.get(key), dict)), None)
    if parameters is None and value.get("type") == "function":
        parameters = {}
    if isinstance(name, str) and _NAME.fullmatch(name) and _is_schema(parameters):
        description = value.get("description")
        yield name, description if isinstance(description, str) else "", parameters or {}


def _is_schema(parameters: object) -> bool:
    """Whether it is a JSON Schema of arguments, not some other object that is called parameters."""
    if not isinstance(parameters, dict):
        return False
    if not parameters:
        return True
    return bool({"type", "properties", "$ref", "anyOf", "oneOf", "required"} & parameters.keys())
