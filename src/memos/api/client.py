"""The MemOS SDK: `MemOSClient`, and `AsyncMemOSClient` for asyncio programs."""

from memos.api._async.client import AsyncMemOSClient
from memos.api._sync.client import MemOSClient

__all__ = ["AsyncMemOSClient", "MemOSClient"]
