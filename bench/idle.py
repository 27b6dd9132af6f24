"""A server that does nothing, asked beside the loaded one: its latency is the machine's share."""

import json
from typing import Any


async def app(scope: dict[str, Any], _receive: Any, send: Any) -> None:
    """Answer everything like `/health`."""
    if scope["type"] != "http":
        return
    body = json.dumps({"status": "healthy"}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
