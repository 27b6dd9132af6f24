# Generated from `_async/knowledge.py` by scripts/generate_sync_client.py; edit that file.
"""Methods about knowledge bases and their files."""

from collections.abc import Mapping, Sequence
from typing import Any

from memos.api import _client_core as core
from memos.api._client_core import Call
from memos.api._sync.transport import Transport
from memos.api.openmem_models import (
    AddFilesResponse,
    DeleteResponse,
    FileListResponse,
    KnowledgebaseResponse,
)


class KnowledgeMethods(Transport):
    """Make knowledge bases and fill them with files."""

    def create_knowledgebase(
        self, knowledgebase_name: str, knowledgebase_description: str | None = None
    ) -> KnowledgebaseResponse:
        """Create a knowledge base."""
        arguments = dict(locals())
        core.require(arguments, "knowledgebase_name")
        body = core.given(arguments)
        return self._send(
            Call("create/knowledgebase", KnowledgebaseResponse, body, repeatable=False)
        )

    def delete_knowledgebase(self, knowledgebase_id: str) -> DeleteResponse:
        """Remove a knowledge base from the project."""
        arguments = dict(locals())
        core.require(arguments, "knowledgebase_id")
        return self._send(Call("delete/knowledgebase", DeleteResponse, core.given(arguments)))

    def add_knowledgebase_file_json(
        self, knowledgebase_id: str, file: Sequence[Mapping[str, Any]]
    ) -> AddFilesResponse:
        """Add files given as addresses or Base64 content."""
        arguments = dict(locals())
        core.require(arguments, "knowledgebase_id", "file")
        body = core.given(arguments)
        return self._send(Call("add/knowledgebase-file", AddFilesResponse, body, repeatable=False))

    def add_knowledgebase_file_form(
        self,
        knowledgebase_id: str,
        files: Sequence[str],
        type: str | None = None,  # noqa: A002 - the documented name
    ) -> AddFilesResponse:
        """Upload local files, given by their paths."""
        params = core.given(locals())
        core.require(params, "knowledgebase_id", "files")
        return self._send(core.upload("add/knowledgebase-file", AddFilesResponse, params))

    def get_knowledgebase_file(
        self,
        file_ids: Sequence[str] | None = None,
        knowledgebase_id: str | None = None,
        type: str | None = None,  # noqa: A002 - the documented name
        page: int | None = None,
        page_size: int | None = None,
    ) -> FileListResponse:
        """Read files by their ids, or list those of a knowledge base."""
        arguments = dict(locals())
        core.require_one(arguments, "file_ids", "knowledgebase_id")
        body = core.given(arguments)
        return self._send(Call("get/knowledgebase-file", FileListResponse, body, reads=True))

    def delete_knowledgebase_file(
        self, file_ids: Sequence[str], *, knowledgebase_id: str | None = None
    ) -> DeleteResponse:
        """Delete files of a knowledge base, with what was learnt from them."""
        arguments = dict(locals())
        core.require(arguments, "file_ids")
        body = core.given(arguments)
        return self._send(Call("delete/knowledgebase-file", DeleteResponse, body))
