"""A system whose clock moves only when told to, and short words for telling and asking it."""

from datetime import datetime, timezone

from tests.conftest import Api, ManualClock


class Teller:
    """Tells a system things at times and asks it from other times."""

    def __init__(self, api: Api, clock: ManualClock) -> None:
        self.api = api
        self.clock = clock

    def at(self, when: str) -> "Teller":
        """Move the clock to a moment (`YYYY-MM-DD`, noon UTC)."""
        self.clock.ms = ms(when)
        return self

    def tell(self, *texts: str, chat_time: str | None = None, user: str = "u") -> None:
        """Add statements now, each in a conversation of its own."""
        for text in texts:
            message = {"role": "user", "content": text}
            if chat_time:
                message["chat_time"] = f"{chat_time} 12:00:00"
            body = {
                "user_id": user,
                "conversation_id": f"c{self.clock.ms}",
                "messages": [message],
                "async_mode": False,
            }
            assert self.api.post("add/message", body)["data"]["status"] == "completed"
            self.clock.advance(1)

    def search(self, query: str, user: str = "u", **more: object) -> list[dict]:
        """Facts and preferences found."""
        answer = self.api.post("search/memory", {"user_id": user, "query": query, **more})
        assert answer["code"] == 0, answer
        data = answer["data"]
        return [*data["memory_detail_list"], *data["preference_detail_list"]]

    def ask(self, query: str, **more: object) -> list[str]:
        """Texts of what is found."""
        return [text_of(m) for m in self.search(query, **more)]

    def listed(self, user: str = "u", **more: object) -> list[dict]:
        """Facts and preferences listed."""
        answer = self.api.post("get/memory", {"user_id": user, "size": 50, **more})
        assert answer["code"] == 0, answer
        data = answer["data"]
        return [*data["memory_detail_list"], *data["preference_detail_list"]]

    def history(self, memory_id: str) -> list[dict]:
        """Versions of a memory."""
        answer = self.api.post("get/memory/history", {"memory_id": memory_id})
        assert answer["code"] == 0, answer
        return answer["data"]["versions"]


def text_of(memory: dict) -> str:
    """Text of a fact or preference."""
    return memory.get("memory_value") or memory["preference"]


def ms(when: str) -> int:
    """Noon UTC of a day, in ms."""
    return (
        int(datetime.fromisoformat(f"{when}T12:00:00").replace(tzinfo=timezone.utc).timestamp())
        * 1000
    )
