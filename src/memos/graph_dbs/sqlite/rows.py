"""A memory item as a table row and back, and vectors and token hashes as bytes."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from memos.errors import InvalidInputError
from memos.graph_dbs.base import Vector
from memos.graph_dbs.sqlite.connection import SqlValue
from memos.types.memory import MemoryItem, MemoryKind, MemoryStatus, Source
from memos.types.scope import Cube

Values = tuple[SqlValue, ...]

COLUMNS = (
    "uid",
    "kind",
    "status",
    "key",
    "value",
    "background",
    "reasoning",
    "speaker",
    "tags",
    "entities",
    "confidence",
    "version",
    "event_from",
    "event_until",
    "created_at",
    "updated_at",
    "ordinal",
    "is_question",
    "content_hash",
    "sources",
    "conversation_id",
    "agent_id",
    "app_id",
    "info",
)
SELECTED = ",".join(f"item.{column}" for column in COLUMNS)
_BITS = 32
_KINDS = {kind.value: kind for kind in MemoryKind}
_STATUSES = {status.value: status for status in MemoryStatus}
_scan = json.JSONDecoder().raw_decode  # loads without looking for white space around


def row_range(cube: int) -> tuple[int, int]:
    """First row id of a cube and the first after it."""
    return cube << _BITS, (cube + 1) << _BITS


def row_id(cube: int, sequence: int) -> int:
    """Row id of the n-th node of a cube."""
    return cube << _BITS | sequence


def cube_of(row: int) -> int:
    """Number of the cube a row lies in."""
    return row >> _BITS


def item_values(item: MemoryItem) -> Values:
    """Values of `COLUMNS`.

    Raises:
        InvalidInputError: `info` is not JSON, or a text is not Unicode.
    """
    texts = (item.id, item.key, item.value, item.background, item.reasoning, item.speaker)
    names = (item.conversation_id or "", item.agent_id or "", item.app_id or "")
    _require_unicode("".join(texts + names))
    return (
        item.id,
        item.kind.value,
        item.status.value,
        item.key,
        item.value,
        item.background,
        item.reasoning,
        item.speaker,
        _json(item.tags),
        _json(item.entities),
        float(item.confidence),
        item.version,
        item.event_from,
        item.event_until,
        item.created_at,
        item.updated_at,
        item.ordinal,
        int(item.is_question),
        item.content_hash or None,
        _json([_source_values(source) for source in item.sources]),
        item.conversation_id,
        item.agent_id,
        item.app_id,
        _json(item.info),
    )


def item_of(cube: Cube, row: Sequence[Any]) -> MemoryItem:
    """The item a row of `COLUMNS` holds."""
    return MemoryItem(
        id=row[0],
        cube=cube,
        kind=_KINDS[row[1]],
        status=_STATUSES[row[2]],
        key=row[3],
        value=row[4],
        background=row[5],
        reasoning=row[6],
        speaker=row[7],
        tags=_texts(row[8]),
        entities=_texts(row[9]),
        confidence=row[10],
        version=row[11],
        event_from=row[12],
        event_until=row[13],
        created_at=row[14],
        updated_at=row[15],
        ordinal=row[16],
        is_question=bool(row[17]),
        content_hash=row[18] or "",
        sources=() if row[19] == "[]" else tuple([Source(*s) for s in _scan(row[19])[0]]),
        conversation_id=row[20],
        agent_id=row[21],
        app_id=row[22],
        info={} if row[23] == "{}" else _scan(row[23])[0],
    )


def item_record(item: MemoryItem) -> dict[str, Any]:
    """The item as JSON-ready names and values, without its cube."""
    record = asdict(item)
    del record["cube"]
    record["kind"], record["status"] = item.kind.value, item.status.value
    record["tags"], record["entities"] = list(item.tags), list(item.entities)
    record["sources"] = [asdict(source) for source in item.sources]
    return record


def item_from_record(cube: Cube, record: dict[str, Any]) -> MemoryItem:
    """Read `item_record` back, into any cube.

    Raises:
        InvalidInputError: a name or value is not one of ours.
    """
    try:
        return MemoryItem(
            **{
                **record,
                "cube": cube,
                "kind": MemoryKind(record["kind"]),
                "status": MemoryStatus(record["status"]),
                "tags": tuple(record["tags"]),
                "entities": tuple(record["entities"]),
                "sources": tuple(Source(**source) for source in record["sources"]),
            }
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInputError("a record is not an exported memory") from error


def pack_vector(vector: Vector | None) -> bytes | None:
    """float16 bytes of a vector."""
    return None if vector is None else np.asarray(vector, np.float16).tobytes()


def unpack_vectors(blobs: Sequence[bytes], dim: int) -> npt.NDArray[np.float16]:
    """float16 (len(blobs), dim), read-only; an empty blob gives a row of zeros."""
    blank = bytes(2 * dim)
    packed = b"".join(blob if len(blob) == len(blank) else blank for blob in blobs)
    return np.frombuffer(packed, np.float16).reshape(len(blobs), dim)


def pack_tokens(hashes: npt.NDArray[np.uint32], counts: npt.NDArray[np.uint16]) -> bytes:
    """Token hashes followed by their counts."""
    return hashes.astype("<u4").tobytes() + counts.astype("<u2").tobytes()


def unpack_tokens(
    blobs: Sequence[bytes],
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.uint32], npt.NDArray[np.uint16]]:
    """All tokens of many packed blobs: number per blob, then hashes and counts in blob order."""
    sizes = np.fromiter((len(blob) // 6 for blob in blobs), np.intp, len(blobs))
    hashes = b"".join(blob[: len(blob) // 6 * 4] for blob in blobs)
    counts = b"".join(blob[len(blob) // 6 * 4 :] for blob in blobs)
    return (
        sizes,
        np.frombuffer(hashes, "<u4").astype(np.uint32),
        np.frombuffer(counts, "<u2").astype(np.uint16),
    )


def id_list(ids: Iterable[int | str]) -> str:
    """Ids as one bound value, to be read with json_each."""
    return json.dumps(list(ids))


def _source_values(source: Source) -> list[Any]:
    values = [source.message_id, source.role, source.start, source.end, source.chat_time]
    return values if source.file_id is None else [*values, source.file_id, source.page]


def _texts(column: str) -> tuple[str, ...]:
    return () if column == "[]" else tuple(_scan(column)[0])


def _json(value: object) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise InvalidInputError("metadata must be plain JSON") from error
    _require_unicode(text)
    return text


def _require_unicode(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidInputError("text must be Unicode without lone surrogates") from error
