"""Laws of what is kept of a tool's arguments and results, for any value at all."""

import base64
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from memos.mem_reader.tools.blob import without_blobs
from memos.mem_reader.tools.distil import LONGEST, distil
from memos.mem_reader.tools.outcome import outcome_of
from memos.mem_reader.tools.trajectory import uses_of
from memos.types.message import Message

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=40
)
FILES = st.binary(min_size=600, max_size=4000)
QUICK = settings(deadline=None, derandomize=True, database=None, max_examples=150)


def pieces(encoded: str, size: int = 80) -> list[str]:
    return [encoded[at : at + size] for at in range(0, len(encoded) - size, size)]


@QUICK
@given(JSON, st.booleans())
def test_any_json_is_told_within_the_limit(value: object, chinese: bool) -> None:
    told = distil(json.dumps(value, ensure_ascii=False), chinese=chinese)
    assert len(told) <= LONGEST
    assert "\n" not in told


@QUICK
@given(st.text(max_size=3000))
def test_any_text_is_told_within_the_limit_and_a_short_one_word_by_word(text: str) -> None:
    told = distil(text)
    assert len(told) <= LONGEST
    if len(text) < 200 and text.strip()[:1] not in '{["<':
        assert told == " ".join(text.split())


@QUICK
@given(st.dictionaries(st.text("abcdefgh", min_size=1, max_size=8), st.integers(), max_size=6))
def test_every_value_of_a_small_object_is_told(value: dict[str, int]) -> None:
    told = distil(json.dumps(value))
    assert all(f"{name}: {number}" in told for name, number in value.items())


@QUICK
@given(
    FILES, st.sampled_from(["{}", '{{"a": 1, "data": "{}"}}', "data:image/png;base64,{}", "x {} y"])
)
def test_no_encoded_file_survives(file: bytes, frame: str) -> None:
    encoded = base64.b64encode(file).decode()
    text = frame.format(encoded)
    if len(set(encoded)) < 12:
        return
    for kept in (without_blobs(text), distil(text)):
        assert not any(piece in kept for piece in pieces(encoded))


@QUICK
@given(FILES)
def test_a_file_in_lines_of_76_letters_is_found_as_well(file: bytes) -> None:
    encoded = base64.encodebytes(file).decode()
    if len(set(encoded)) < 12:
        return
    kept = without_blobs(json.dumps({"data": encoded}))
    assert not any(piece in kept for piece in pieces(encoded.replace("\n", "\\n"), 70))
    json.loads(kept)


@QUICK
@given(JSON, FILES)
def test_json_stays_json(value: object, file: bytes) -> None:
    text = json.dumps([value, base64.b64encode(file).decode()])
    assert json.loads(without_blobs(text))[0] == json.loads(without_blobs(json.dumps(value)))


@QUICK
@given(st.text(max_size=400) | JSON.map(json.dumps))
def test_every_result_has_an_outcome_and_failures_a_type(text: str) -> None:
    outcome = outcome_of(text)
    assert bool(outcome.error_type) == outcome.failed


@QUICK
@given(
    st.lists(st.sampled_from(["user", "call", "result", "orphan", "assistant"]), max_size=12), JSON
)
def test_any_run_of_messages_can_be_followed(roles: list[str], value: object) -> None:
    messages = []
    for n, role in enumerate(roles):
        call = {"id": f"c{n}", "function": {"name": "t", "arguments": json.dumps(value)}}
        tool = role in {"result", "orphan"}
        messages.append(
            Message(
                id=f"m{n}",
                role="tool" if tool else "assistant" if role == "call" else role,
                text="" if role == "call" else json.dumps(value),
                sequence=n,
                chat_time=n,
                created_at=0,
                updated_at=0,
                conversation_id="c",
                tool_calls=(call,) if role == "call" else (),
                tool_call_id=f"c{n - 1}" if role == "result" else "lost" if tool else None,
            )
        )
    uses = uses_of(messages, {m.id for m in messages})
    assert sum(len(use.steps) for use in uses) == roles.count("call")
    assert all(use.sources for use in uses)


@QUICK
@given(FILES, st.sampled_from(["\n", "\r\n", "\t"]), st.text("abn/ \n", max_size=6))
def test_json_stays_json_when_a_wrapped_file_leaves_it(file: bytes, end: str, before: str) -> None:
    wrapped = end.join(pieces(base64.b64encode(file).decode(), 76))
    kept = without_blobs(json.dumps({"said": before + end + wrapped + end}))
    assert json.loads(kept)["said"].startswith(before)
