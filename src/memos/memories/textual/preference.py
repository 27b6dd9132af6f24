"""Preferences as a library class: read from dialogues, kept, found again, dumped and loaded.

    memory = PreferenceTextMemory(PreferenceTextMemoryConfig())
    memory.add(memory.get_memory([[{"role": "user", "content": "I prefer aisle seats."}]]))
    memory.search("Which seat should I book?", top_k=2)

It works on the store, the encoder and the readers of the product, in this process; nothing is
started for it.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError
from typing_extensions import Self

from memos.configs.memory import PreferenceTextMemoryConfig
from memos.embedders.base import Embedder
from memos.errors import InvalidInputError, NotFoundError
from memos.graph_dbs.base import GraphStore
from memos.memories.textual.item import TextualMemoryItem
from memos.memories.textual.preference_items import (
    drafted_item,
    node_of,
    scenes_of,
    stored_item,
    told_drafts,
)
from memos.memories.textual.preference_store import PreferenceStore
from memos.memories.textual.tree_text_memory.retrieve.retriever import Retriever
from memos.types.clock import Clock, IdSource
from memos.types.memory import Draft, MemoryItem
from memos.types.message import Message

COLLECTIONS = ("explicit_preference", "implicit_preference")
"""Names of the two collections: the kinds of preferences."""
_BUILDER = "memos.mem_os.text_memory"
Memories = Sequence[Any]
"""Items, mappings of their form, and lists of these."""
Filter = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PreferenceParts:
    """What the class works on.

    Args:
        graph: keeps memories.
        embedder: makes their vectors.
        read: draws drafts from the messages of one dialogue.
        retriever: finds memories.
        clock: record times.
        ids: new ids.
        close: releases all of it.
    """

    graph: GraphStore
    embedder: Embedder
    read: Callable[[Sequence[Message]], Sequence[Draft]]
    retriever: Retriever
    clock: Clock
    ids: IdSource
    close: Callable[[], None]


class PreferenceTextMemory:
    """What users like, dislike and want, said or shown by what they choose again and again.

    Every user (`user_id` in `info`) has a cube of their own. Telling the same again adds nothing, and
    a later word takes the place of a former one, which stays archived.

    Args:
        config: where and with which models; see `PreferenceTextMemoryConfig`.
        parts: used instead of what the configuration describes, and closed with the memory.

    Raises:
        ConfigError: the configuration cannot be used.
    """

    def __init__(
        self, config: PreferenceTextMemoryConfig, *, parts: PreferenceParts | None = None
    ) -> None:
        self.config = config
        if parts is None:
            # By name: adapters are chosen in a room above this one, and only there.
            build = import_module(_BUILDER).preference_parts
            parts = cast("PreferenceParts", build(config))
        self._parts = parts
        self._store = PreferenceStore(parts.graph, parts.embedder, parts.retriever, parts.clock)

    def get_memory(
        self,
        messages: Sequence[Any],
        type: str = "chat",  # noqa: A002 - the documented name
        info: Mapping[str, Any] | None = None,
    ) -> list[TextualMemoryItem]:
        """Read preferences from dialogues; nothing is stored.

        Args:
            messages: dialogues, each a list of messages, or one dialogue; texts for `doc`.
            type: `chat`, or `doc` for texts that the user wrote.
            info: kept with the memories; `user_id` says whose they are, `session_id` or `dialog_id`
                names the dialogue.

        Raises:
            InvalidInputError: another type, or a message without a role or text.
        """
        given = dict(info or {})
        now = self._parts.clock.now_ms()
        scenes = scenes_of(messages, type, given, now_ms=now, ids=self._parts.ids)
        drafts = told_drafts(scenes, self._parts.read, str(given.get("user_id", "")))
        if not drafts:
            return []
        vectors = self._parts.embedder.embed([draft.statement for draft, _ in drafts])
        return [
            drafted_item(told, self._parts.ids.new_id(), vector, (given, self.config.mem_cube_id))
            for told, vector in zip(drafts, vectors, strict=True)
        ]

    def add(self, memories: Memories) -> list[str]:
        """Store preferences, items or plain mappings of their form; lists in the list are opened.

        Returns:
            Their ids; for one that is known already, the id of that memory.

        Raises:
            InvalidInputError: one is not of the form.
        """
        items = [_checked(each) for each in _flat(memories)]
        nodes = [
            node_of(item, item.id or self._parts.ids.new_id(), self._parts.clock.now_ms())
            for item in items
        ]
        return self._store.add(nodes)

    def search(
        self, query: str, top_k: int = 5, info: Mapping[str, Any] | None = None
    ) -> list[TextualMemoryItem]:
        """The preferences that bear most on a query, best first, with a score.

        Args:
            query: a question or a text.
            top_k: most results.
            info: `user_id` searches this user's only; without it all are searched.
        """
        if not query.strip() or top_k < 1:
            return []
        user = (info or {}).get("user_id")
        found = self._store.search(query, top_k, None if user is None else str(user))
        return [self._item(node, score) for node, score in found]

    def get_with_collection_name(self, collection_name: str, memory_id: str) -> TextualMemoryItem:
        """One preference of a collection (see `COLLECTIONS`).

        Raises:
            NotFoundError: the collection has no such memory.
        """
        found = self.get_by_ids_with_collection_name(collection_name, [memory_id])
        if not found:
            raise NotFoundError("the collection has no memory of this id", field="memory_id")
        return found[0]

    def get_by_ids_with_collection_name(
        self, collection_name: str, memory_ids: Sequence[str]
    ) -> list[TextualMemoryItem]:
        """Preferences of a collection by id, in the order asked; unknown ids are left out."""
        kind = _collection(collection_name)
        return [self._item(n) for n in self._store.by_ids(memory_ids) if n.kind.value == kind]

    def get_all(self) -> list[TextualMemoryItem]:
        """Every preference that holds, oldest first."""
        return [item for item in self._every() if item.metadata.status == "activated"]

    def get_memory_by_filter(self, filter: Filter | None = None) -> list[TextualMemoryItem]:  # noqa: A002 - the documented name
        """Preferences whose fields have these values, oldest first.

        Args:
            filter: fields of the metadata, or `id` and `memory`; a list means any of its values.
                Without `status` only those that hold.
        """
        wanted = {"status": "activated", **(filter or {})}
        return [item for item in self._every() if _fits(item, wanted)]

    def delete(self, memory_ids: Sequence[str]) -> None:
        """Delete preferences; what they had superseded holds again. Unknown ids are passed by."""
        self._store.delete(memory_ids)

    def delete_by_filter(self, filter: Filter) -> None:  # noqa: A002 - the documented name
        """Delete the preferences that `get_memory_by_filter` gives."""
        self.delete([str(item.id) for item in self.get_memory_by_filter(filter)])

    def delete_with_collection_name(self, collection_name: str, memory_ids: Sequence[str]) -> None:
        """Delete preferences of a collection by id."""
        found = self.get_by_ids_with_collection_name(collection_name, memory_ids)
        self.delete([str(item.id) for item in found])

    def delete_all(self) -> None:
        """Delete everything."""
        self._store.delete_all()

    def dump(self, dir: str | Path) -> None:  # noqa: A002 - the documented name
        """Write every preference, archived ones too, to a JSON file in a folder, which is made."""
        folder = Path(dir)
        folder.mkdir(parents=True, exist_ok=True)
        listed: dict[str, list[dict[str, Any]]] = {name: [] for name in COLLECTIONS}
        for item in self._every():
            listed[item.metadata.preference_type].append(item.plain)
        text = json.dumps(listed, ensure_ascii=False, indent=2)
        (folder / self.config.memory_filename).write_text(text, encoding="utf-8")

    def load(self, dir: str | Path) -> None:  # noqa: A002 - the documented name
        """Add what `dump` wrote, under the same ids; what is there besides stays.

        Raises:
            InvalidInputError: the folder holds no such file, or it is not of the form.
        """
        file = Path(dir) / self.config.memory_filename
        try:
            listed = json.loads(file.read_text(encoding="utf-8"))
            entries = [entry for name in COLLECTIONS for entry in listed.get(name, [])]
        except (OSError, ValueError, AttributeError) as error:
            raise InvalidInputError(f"{file} is no dump of preferences", field="dir") from error
        items = [_checked(entry) for entry in entries]
        now = self._parts.clock.now_ms()
        self._store.restore([node_of(i, i.id or self._parts.ids.new_id(), now) for i in items])

    def close(self) -> None:
        """Release the store and the encoder."""
        self._parts.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _every(self) -> list[TextualMemoryItem]:
        return [self._item(node) for node in self._store.every()]

    def _item(self, node: MemoryItem, score: float | None = None) -> TextualMemoryItem:
        return stored_item(node, self.config.mem_cube_id, score)


def _collection(name: str) -> str:
    if name not in COLLECTIONS:
        raise InvalidInputError(
            f"a collection is one of {', '.join(COLLECTIONS)}", field="collection_name"
        )
    return name


def _flat(memories: Iterable[Any]) -> Iterator[Any]:
    for each in memories:
        if isinstance(each, (list, tuple)):
            yield from _flat(each)
        else:
            yield each


def _checked(value: object) -> TextualMemoryItem:
    if isinstance(value, TextualMemoryItem):
        return value
    try:
        return TextualMemoryItem.model_validate(value)
    except ValidationError:
        raise InvalidInputError(
            "a memory must be a TextualMemoryItem, or a mapping with `memory` and `metadata`",
            field="memories",
        ) from None


def _fits(item: TextualMemoryItem, wanted: Filter) -> bool:
    known = {**item.metadata.model_dump(), "id": item.id, "memory": item.memory}
    for name, value in wanted.items():
        allowed = value if isinstance(value, (list, tuple, set)) else (value,)
        if known.get(name) not in allowed:
            return False
    return True
