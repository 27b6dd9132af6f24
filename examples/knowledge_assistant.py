"""A knowledge base assistant: the same documents, answered for the person who asks."""

import base64
import time

from assistant import Assistant, run

from memos.api.client import MemOSClient

ROLE = (
    "You are the help desk of a small company. Answer from its documents and for the user's own "
    "device. If the documents do not say it, say so."
)
DOCUMENTS = {
    "vpn.md": """\
# Company VPN

## Laptops with an Intel processor
Install the package vpn-intel 4.2 from the software shelf, restart, and sign in with your badge number.

## Laptops with an ARM processor
Install the package vpn-arm 5.0 from the software shelf. No restart is needed.

## When the VPN stops working
Remove the old package first, then install the current one for your processor again.
""",
    "expenses.md": """\
# Travel expenses

Hand in receipts within 30 days of the journey. Train journeys are paid in second class; flights need
the approval of your team lead before they are booked. Meals are paid up to 28 euros a day.
""",
}


def scene(client: MemOSClient, _language: str) -> Assistant:
    """Documents are uploaded, a user tells of a laptop, and asks weeks later."""
    base = client.create_knowledgebase("Help desk", "Documents of the help desk").knowledgebase_id
    try:
        _upload(client, base)
        assistant = Assistant(client, "example-employee", ROLE, [base])
        print("\nDay 1")
        assistant.listen("My work laptop has an Intel processor.")
        assistant.ask("How do I install the company VPN on my laptop?")
        print("\nDay 20")
        assistant.ask("The VPN stopped working. What do I have to install on my laptop?")
        assistant.ask("Within how many days do I hand in receipts of a journey?")
    finally:
        # An assistant of your own keeps its knowledge base.
        client.delete_knowledgebase(base)
    return assistant


def _upload(client: MemOSClient, base: str) -> None:
    """Add the documents and wait until they can be searched."""
    files = [
        {"name": name, "content": base64.b64encode(text.encode()).decode()}
        for name, text in DOCUMENTS.items()
    ]
    taken = client.add_knowledgebase_file_json(base, files).files
    ids = [file.id for file in taken if file.id]
    while True:
        states = {file.status for file in client.get_knowledgebase_file(file_ids=ids).files}
        if "running" not in states:
            break
        time.sleep(0.1)
    print(f"\n{len(ids)} documents uploaded: {', '.join(sorted(map(str, states)))}")


if __name__ == "__main__":
    run("A help desk that knows whom it talks to", scene)
