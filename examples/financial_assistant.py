"""A financial assistant: what somebody did and said becomes what they are likely to want."""

from assistant import Assistant, run

from memos.api.client import MemOSClient

ROLE = (
    "You are the assistant of an investment service. You explain kinds of investments and their "
    "risks, and recommend no single product."
)


def scene(client: MemOSClient, _language: str) -> Assistant:
    """Three days of traces, then the question they answer."""
    assistant = Assistant(client, "example-saver", ROLE)
    print("\nDay 1, where the user came from")
    assistant.listen("I came to the app through the advert for retirement savings.")
    print("\nDay 2, what the user did")
    assistant.listen(
        "I read the pages of four low-risk bond funds and bookmarked two of them.",
        "I closed the page about technology shares after a few seconds.",
    )
    print("\nDay 3, what the user said")
    assistant.listen("I do not want to take much risk with my investments, I retire in nine years.")
    print("\nLater")
    assistant.ask("How much risk do I want to take with my investments?")
    assistant.ask("Which kind of funds did I bookmark?")
    return assistant


if __name__ == "__main__":
    run("A financial assistant that understands what was done", scene)
