"""A writing assistant: style and background told once hold in every later conversation."""

from assistant import Assistant, run

from memos.api.client import MemOSClient

ROLE = "You are a writing assistant. You write what is asked for, ready to be sent."


def scene(client: MemOSClient, _language: str) -> Assistant:
    """Two things are told in one conversation; two texts are asked for in others."""
    assistant = Assistant(client, "example-writer", ROLE)
    print("\nFirst conversation")
    assistant.listen(
        "I run the events team of the Northgate botanical garden.",
        "Please always keep the tone of my emails light, and start them with 'Dear friends'.",
        "When I ask for a summary, I prefer three bullet points before anything else.",
    )
    print("\nLater conversations")
    assistant.ask("Write an email that invites volunteers to the spring planting day.")
    assistant.ask("Write a summary of our plans for the orchid show.")
    return assistant


if __name__ == "__main__":
    run("A writing assistant that remembers your style", scene)
