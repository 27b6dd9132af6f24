"""Loading dialogues: the reader of the file, the sender, and the command against a real server."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from memos.cli.import_dialogues import DialogueFormat, _dialogues
from memos.cli.import_send import CHUNK_MESSAGES, ChunkKeys, Sender, split
from memos.errors import InvalidInputError, QuotaExceededError, UnavailableError
from memos.evaluation.corpus import Dialogue
from tests.e2e.cli_process import RunningServer, memos, serve

BODY: dict[str, Any] = {
    "speaker_a": "Ada",
    "speaker_b": "Ben",
    "session_1_date_time": "1:56 pm on 8 May, 2023",
    "session_1": [
        {"speaker": "Ada", "dia_id": "D1:1", "text": "I adopted a parrot named Rio."},
        {"speaker": "Ben", "dia_id": "D1:2", "text": "Look!", "blip_caption": "a red kite"},
    ],
    "session_10_date_time": "12:09 am on 13 September, 2023",
    "session_10": [
        {"speaker": "Ada", "dia_id": f"D10:{n}", "text": f"Walk number {n} led past mill {n}."}
        for n in range(45)
    ],
    "session_2_date_time": "12:30 pm on 1 June, 2023",
    "session_2": [{"speaker": "Ben", "dia_id": "D2:1", "text": "I started to learn the cello."}],
    "session_3_date_time": "1:00 pm on 2 June, 2023",
    "session_3": [],
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two samples of the LoCoMo form."""
    path = tmp_path / "locomo.json"
    other = {**BODY, "speaker_a": "Cleo", "session_10": []}
    path.write_text(
        json.dumps(
            [
                {"sample_id": "conv-1", "conversation": BODY},
                {"sample_id": "conv-2", "conversation": other},
            ]
        )
    )
    return path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One server for the module."""
    with serve(tmp_path_factory.mktemp("import") / "data") as running:
        yield running


def load(server: RunningServer, file: Path, *options: str):
    return memos(
        "import", "--format", "locomo", file, *options,
        MEMOS_API_KEY=server.first_key, MEMOS_BASE_URL=server.base_url,
    )  # fmt: skip


def stored(server: RunningServer, user: str, session: str) -> list[str]:
    """Texts of the messages of one session."""
    with server.client() as client:
        found = client.get_message(user_id=user, conversation_id=session, message_limit_number=50)
        return [message.content for message in found.messages]


def read(path: Path) -> tuple[Dialogue, ...]:
    return _dialogues(DialogueFormat.LOCOMO, path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "not valid JSON (line 1"),
        ("[]", "no dialogue"),
        ('[{"sample_id": "x"}]', "record 0, conversation"),
        (json.dumps([{"conversation": {**BODY, "session_2_date_time": "soon"}}]), "session_2"),
        (json.dumps([{"conversation": {**BODY, "session_2_date_time": ""}}]), "has no time"),
        (json.dumps([{"sample_id": "x", "conversation": BODY}] * 2), "same sample_id"),
    ],
)
def test_a_file_of_another_form_is_refused_with_the_place(tmp_path: Path, content: str, says: str):
    (tmp_path / "f").write_text(content)

    with pytest.raises(InvalidInputError) as refused:
        read(tmp_path / "f")
    assert says in refused.value.message


def test_a_session_is_sent_in_parts_whose_keys_depend_on_place_and_text(file: Path):
    chunks = list(split(read(file)[0], "p-"))

    assert [len(c.turns) for c in chunks] == [2, 1, CHUNK_MESSAGES, CHUNK_MESSAGES, 5]
    assert {c.user_id for c in chunks} == {"p-conv-1"}
    assert len({c.key for c in chunks}) == len(chunks)
    assert [c.key for c in split(read(file)[0], "p-")] == [c.key for c in chunks]
    assert not {c.key for c in split(read(file)[0])} & {c.key for c in chunks}
    assert [(c.conversation_id, c.time) for c in chunks[:3]] == [
        ("session_1", "2023-05-08T13:56:00Z"),
        ("session_2", "2023-06-01T12:30:00Z"),
        ("session_10", "2023-09-13T00:09:00Z"),
    ]


class RefusingClient:
    """Stands for a server that is over its limit a number of times, or gone."""

    base_url = "http://server"

    def __init__(self, *outcomes: Exception | str) -> None:
        self.outcomes = list(outcomes)
        self.keys = ChunkKeys()
        self.sent_with: list[str] = []

    def add_message(self, *_: object, **__: object) -> SimpleNamespace:
        self.sent_with.append(self.keys.new_id())
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return SimpleNamespace(task_id=outcome)


def test_the_sender_waits_for_the_rate_limit_and_repeats_with_the_same_key(file: Path):
    chunk = next(split(read(file)[0]))
    refusal = QuotaExceededError("slow down", code=40309)
    client = RefusingClient(refusal, refusal, "task-1")
    pauses: list[float] = []

    assert Sender(client, client.keys, pauses.append).send(chunk) == "task-1"
    assert len(pauses) == 2
    assert client.sent_with == [chunk.key] * 3


def test_the_sender_gives_up_when_the_server_refuses_for_minutes_or_is_gone(file: Path):
    chunk = next(split(read(file)[0]))
    pauses: list[float] = []
    busy = RefusingClient(*[QuotaExceededError("slow down")] * 100)
    gone = RefusingClient(UnavailableError("cannot be reached"))

    with pytest.raises(QuotaExceededError):
        Sender(busy, busy.keys, pauses.append).send(chunk)
    assert 60 < sum(pauses) <= 180
    with pytest.raises(UnavailableError, match="http://server: "):
        Sender(gone, gone.keys, pauses.append).send(chunk)


def test_an_import_goes_on_where_it_was_and_never_doubles(server: RunningServer, file: Path):
    part = load(server, file, "--limit-conversations", "1")
    assert part.returncode == 0, part.stderr
    assert "48 messages, 48 of them sent now" in part.stdout

    rest = load(server, file)
    assert "51 messages, 3 of them sent now" in rest.stdout
    again = load(server, file)
    assert "51 messages, 0 of them sent now" in again.stdout
    forced = load(server, file, "--restart")
    assert "51 messages, 51 of them sent now" in forced.stdout

    assert stored(server, "conv-1", "session_1") == [
        "Ada: I adopted a parrot named Rio.",
        "Ben: Look! [shares a photo: a red kite]",
    ]
    assert len(stored(server, "conv-1", "session_10")) == 45
    assert len(stored(server, "conv-2", "session_1")) == 2
    with server.client() as client:
        best = client.search_memory(query="What is the name of Ada's parrot?", user_id="conv-1")
        assert "Rio" in best.memories[0].memory_value


def test_a_state_file_of_erased_data_is_noticed(server: RunningServer, file: Path, tmp_path: Path):
    state = ("--user-prefix", "gone-", "--state", str(tmp_path / "elsewhere"))
    assert load(server, file, *state).returncode == 0
    with server.client() as client:
        for user in ("gone-conv-1", "gone-conv-2"):
            client.delete_memory(user_id=user)

    stale = load(server, file, *state)
    assert (stale.returncode, "--restart" in stale.stderr) == (1, True)
    assert load(server, file, *state, "--restart").returncode == 0
    assert len(stored(server, "gone-conv-1", "session_10")) == 45


def test_what_stops_an_import_is_said_in_one_line(
    server: RunningServer, file: Path, tmp_path: Path
):
    (tmp_path / "bad-state").write_text("[1]")
    key, url = {"MEMOS_API_KEY": server.first_key}, {"MEMOS_BASE_URL": server.base_url}
    command = ("import", "--format", "locomo")
    attempts = {
        "cannot be read": memos(*command, tmp_path / "none.json", **key, **url),
        "MEMOS_API_KEY": memos(*command, file, **url),
        "cannot be reached": memos(*command, file, **key, MEMOS_BASE_URL="http://127.0.0.1:9/v1"),
        "API key": memos(*command, file, **url, MEMOS_API_KEY="mpg-wrong"),
        "--state": load(server, file, "--state", str(tmp_path / "bad-state")),
    }

    for says, found in attempts.items():
        errors = [line for line in found.stderr.splitlines() if line]
        assert found.returncode == 1, says
        assert len(errors) == 1
        assert says in errors[0]
    assert memos("import", "--format", "csv", file, **key).returncode == 2
