import pytest

from conftest import START_MS, ManualClock
from memos.endpoints.http import HttpEndpoint, JsonClient
from memos.endpoints.refusal import retry_after_s
from memos.errors import ModelUnavailableError
from scripted_model import Answer, refusal, scripted_model


def test_pauses_grow_are_jittered_and_follow_what_the_server_asks() -> None:
    pauses: list[float] = []
    with scripted_model() as server:
        client = JsonClient(HttpEndpoint(server.url, max_retries=3), ManualClock(), pauses.append)
        busy = Answer(status=503, body={})
        asked = Answer(status=429, body={}, headers={"retry-after": "7"})
        server.script(busy, busy, asked, Answer(body={"ok": 1}))
        assert client.post("/x", {}) == {"ok": 1}
        client.close()
    assert 0.375 <= pauses[0] <= 0.5
    assert 0.75 <= pauses[1] <= 1.0
    assert pauses[2] == 7.0


def test_a_server_that_asks_for_a_long_pause_is_given_up_at_once() -> None:
    with scripted_model() as server:
        client = JsonClient(HttpEndpoint(server.url, max_retries=3), ManualClock())
        server.script(Answer(status=429, body={}, headers={"retry-after": "600"}))
        with pytest.raises(ModelUnavailableError) as caught:
            client.post("/x", {})
        assert caught.value.retry_after_s == 600
        assert len(server.requests) == 1
        client.close()


def test_an_address_that_is_none_is_told_so() -> None:
    client = JsonClient(HttpEndpoint("ftp://x", max_retries=0), ManualClock())
    with pytest.raises(ModelUnavailableError, match="web address"):
        client.post("/x", {})
    client.close()


def test_headers_go_along_and_stay_out_of_the_text_of_the_endpoint() -> None:
    endpoint_headers = {"Authorization": "Bearer sk-secret"}
    with scripted_model() as server:
        server.script(refusal(500), Answer(body=[]))
        endpoint = HttpEndpoint(server.url, headers=endpoint_headers)
        client = JsonClient(endpoint, ManualClock(), lambda _: None)
        assert client.post("/x", {}) == []
        assert server.requests[1].headers["authorization"] == "Bearer sk-secret"
        assert "sk-secret" not in repr(endpoint)
        client.close()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "12"}, 12.0),
        ({"retry-after-ms": "1500", "retry-after": "99"}, 1.5),
        ({"retry-after": "Wed, 10 Dec 2025 09:45:00 GMT"}, 60.0),
        ({"retry-after": "Wed, 10 Dec 2025 09:43:00 GMT"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "999999"}, 3600.0),
    ],
    ids=["none", "seconds", "milliseconds", "date", "past", "word", "negative", "too long"],
)
def test_a_wait_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers, START_MS) == seconds
