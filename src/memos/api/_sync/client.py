# Generated from `_async/client.py` by scripts/generate_sync_client.py; edit that file.
"""The client whole: the methods of every area over one connection."""

from memos.api._sync.knowledge import KnowledgeMethods
from memos.api._sync.memory import MemoryMethods
from memos.api._sync.message import MessageMethods
from memos.api._sync.model import ModelMethods
from memos.api._sync.profile import ProfileMethods


class MemOSClient(
    MessageMethods,
    MemoryMethods,
    KnowledgeMethods,
    ModelMethods,
    ProfileMethods,
):
    """Client of the MemOS Cloud API.

    Args:
        api_key: project key; absent: `MEMOS_API_KEY`.
        base_url: address of the API; absent: `MEMOS_BASE_URL`, else the server of this machine,
            http://127.0.0.1:8000/api/openmem/v1.
        is_global: accepted for programs written for the hosted service, where it chose a region;
            has no effect.
        timeout_s: seconds one attempt may wait for the server.
        max_attempts: how often a call is sent at most; only calls that are safe to repeat are.
        backoff_s: pause before the first repetition; doubles with each.
        raise_on_error: raise the error of `memos.errors` for an answer whose code is not 0,
            instead of returning it.
        transport: replaces the network, for tests and in-process servers.
        ids: source of Idempotency-Keys.
        extra_headers: sent with every request besides its own.
        extra_body: fields put into every JSON body besides its own, such as `source`.

    Raises:
        ValueError: no key is given and none is set.

    Every method raises ValueError for arguments it cannot send, and an error of `memos.errors`
    when the server cannot be reached or answers with an HTTP error status. Other failures are
    answers whose `code` is not 0.
    """
