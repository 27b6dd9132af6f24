"""What is erased is gone from the disk, byte for byte."""

import random
import sqlite3
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conformance.records_stores import Store, add, said, user

from memos.records.base import NewMessage, NewTask
from memos.records.sql import SqlRecords, care

WINDOW = 24  # fewer bytes of two random texts agree by chance
LETTERS = string.ascii_letters + "的一是不了人我在有他这中大来上国和地到以说时要"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path}/records.db")
    yield made
    made.close()


def remnants(folder: Path, texts: list[str]) -> set[bytes]:
    """Windows of `WINDOW` bytes of any text that are in any file of the folder."""
    files = [path.read_bytes() for path in folder.iterdir()]
    on_disk = {data[n : n + WINDOW] for data in files for n in range(len(data) - WINDOW + 1)}
    return {
        encoded[n : n + WINDOW]
        for encoded in (text.encode() for text in texts)
        for n in range(len(encoded) - WINDOW + 1)
        if encoded[n : n + WINDOW] in on_disk
    }


def random_text(rng: random.Random) -> str:
    # From a few letters to several overflow pages.
    return "".join(rng.choices(LETTERS, k=rng.choice([8, 30, 200, 900, 9000])))


class World:
    """Subjects with random messages in a small store, and what was erased of them."""

    def __init__(self, records: SqlRecords, seed: int) -> None:
        self.rng = random.Random(seed)
        self.records = records
        self.project = records.create_project("p").id
        self.alive: dict[str, dict[str, str]] = {f"user{n}": {} for n in range(6)}
        self.erased: list[str] = []
        self.steps = 0

    def say(self, name: str) -> None:
        self.steps += 1
        texts = [random_text(self.rng) for _ in range(self.rng.randint(1, 4))]
        new = [
            NewMessage(f"{self.steps}-{n}", "user", text, 1, parts=({"text": text},))
            for n, text in enumerate(texts)
        ]
        self.records.accept(user(self.project, name), "talk", new, NewTask(str(self.steps), "add"))
        self.alive[name].update({each.id: each.text for each in new})

    def redact(self, name: str) -> None:
        some = self.rng.sample(sorted(self.alive[name]), k=min(3, len(self.alive[name])))
        spans = []
        for message_id in some:
            text = self.alive[name].pop(message_id)
            cut = self.rng.choice([0, len(text) // 2])
            spans.append((message_id, cut, None))
            self.erased.append(text[cut:])
        assert self.records.redact(user(self.project, name), spans) == len(spans)

    def erase(self, name: str) -> None:
        self.records.erase_subject(user(self.project, name))
        self.erased.extend(self.alive[name].values())
        self.alive[name] = {}

    def step(self) -> None:
        name = self.rng.choice(sorted(self.alive))
        action = self.rng.choices([self.say, self.redact, self.erase], weights=[16, 3, 1])[0]
        action(name)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("husks", [10, 1_000_000])
def test_no_byte_of_what_was_erased_is_left(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, husks: int
) -> None:
    monkeypatch.setattr(care, "_HUSKS_WORTH_A_VACUUM", husks)
    world = World(store.open(), seed)
    for _ in range(150):
        world.step()
    world.erase("user0")
    alive = [text for texts in world.alive.values() for text in texts.values()]
    assert world.erased
    assert remnants(tmp_path, alive)
    # The halves that were kept of redacted texts share no window with the halves that were not.
    assert remnants(tmp_path, world.erased) == set()
    for name, texts in world.alive.items():
        found = world.records.messages(user(world.project, name), list(texts))
        assert {message.id: message.text for message in found} == texts


def test_no_byte_is_left_when_pages_full_of_small_messages_are_emptied_bit_by_bit(
    store: Store, tmp_path: Path
) -> None:
    # With this seed, deleting rows leaves remnants, and so does letting redacted ones grow.
    rng = random.Random(1)
    records = store.open()
    cube, texts = user(records.create_project("p").id), {}
    for number in range(200):
        new = [
            said(f"{number}-{n}", "".join(rng.choices(LETTERS[:52], k=rng.randint(24, 300))))
            for n in range(10)
        ]
        records.accept(cube, "talk", new, NewTask(str(number), "add"))
        texts.update({message.id: message.text for message in new})
    order, erased = list(texts), []
    rng.shuffle(order)
    for start in range(0, 1800, 60):
        some = order[start : start + 60]
        spans = [(id_, 0 if rng.random() < 0.7 else len(texts[id_]) // 2, None) for id_ in some]
        records.redact(cube, spans)
        erased += [texts[id_][cut:] for id_, cut, _ in spans]
    assert remnants(tmp_path, erased) == set()


def test_a_deleted_project_leaves_no_byte(store: Store, tmp_path: Path) -> None:
    records = store.open()
    gone, kept = user(records.create_project("p").id), user(records.create_project("q").id)
    rng = random.Random(7)
    texts = [random_text(rng) for _ in range(80)]
    for n, text in enumerate(texts):
        add(records, gone if n % 2 else kept, f"t{n}", text)
    records.delete_project(gone.project)
    assert remnants(tmp_path, texts[0::2])
    assert remnants(tmp_path, texts[1::2]) == set()


def test_many_husks_are_swept_and_the_file_shrinks(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(care, "_HUSKS_WORTH_A_VACUUM", 100)
    records = store.open()
    project = records.create_project("p").id
    for name in ("ann", "bob"):
        new = [said(f"{name}-{n}", "word " * 100) for n in range(500)]
        records.accept(user(project, name), "talk", new, NewTask(name, "add"))
    add(records, user(project, "cid"), "t", "short")
    records.erase_subject(user(project, "ann"))
    size = (tmp_path / "records.db").stat().st_size
    records.erase_subject(user(project, "bob"))
    assert (tmp_path / "records.db").stat().st_size < size / 3
    assert [m.text for m in records.messages(user(project, "cid"), ["t-0"])] == ["short"]


def test_a_vacuum_that_was_cut_off_is_done_by_the_next_erasure(
    store: Store, tmp_path: Path
) -> None:
    records = store.open()
    project = records.create_project("p").id
    texts = ["".join(random.Random(n).choices(LETTERS, k=300)) for n in range(200)]
    for n, text in enumerate(texts):
        add(records, user(project, f"u{n % 2}"), f"t{n}", text)
    records.erase_subject(user(project, "u0"))
    # As if the process had died between the two halves of a sweep.
    records._database.write(care._delete_husks)
    records.erase_subject(user(project, "u1"))
    assert remnants(tmp_path, texts) == set()
    with sqlite3.connect(tmp_path / "records.db") as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (0,)
    connection.close()


def test_no_secret_of_a_key_is_on_disk(store: Store, tmp_path: Path) -> None:
    records = store.open()
    _, secret = records.create_key(records.create_project("p").id, "k")
    records.authenticate(secret)
    assert remnants(tmp_path, [secret[8:]]) == set()
