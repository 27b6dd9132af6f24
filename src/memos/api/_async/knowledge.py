"""Methods about knowledge bases and their files."""

from collections.abc import Mapping, Sequence
from typing import Any

from memos.api import _client_core as core
from memos.api._async.transport import AsyncTransport
from memos.api._client_core import Call
from memos.api.openmem_models import (
    AddFilesResponse,
    DeleteResponse,
    FileListResponse,
    KnowledgebaseResponse,
)


class AsyncKnowledgeMethods(AsyncTransport):
    """Make knowledge bases and fill them with files."""

    async def create_knowledgebase(
        self, knowledgebase_name: str, knowledgebase_description: str | None = None
    ) -> KnowledgebaseResponse:
        """Create a knowledge base."""
        arguments = dict(locals())
        core.require(arguments, "knowledgebase_name")
        body = core.given(arguments)
        return await self._send(
            Call("create/knowledgebase", KnowledgebaseResponse, body, repeatable=False)
        )

    async def delete_knowledgebase(self, knowledgebase_id: str) -> DeleteResponse:
        """Remove a knowledge base from the project."""
        arguments = dict(locals())
        core.require(arguments, "knowledgebase_id")
        return await self._send(Call("delete/knowledgebase", DeleteResponse, core.given(arguments)))

    async def add_knowledgebase_file_json(
        self, knowledgebase_id: str, file: Sequence[Mapping[str, Any]]
    ) -> AddFilesResponse:
        """Add files given as addresses or Base64 content."""
        arguments = dict(locals())
        core.require(arguments, "knowledgebase_id", "file")
        body = core.given(arguments)
        return await self._send(
            Call("add/knowledgebase-file", AddFilesResponse, body, repeatable=False)
        )

    async def add_knowledgebase_file_form(
        self,
        knowledgebase_id: str,
        files: Sequence[str],
        type: str | None = None,  # noqa: A002 - the documented name
    ) -> AddFilesResponse:
        """Upload local files, given by their paths."""
        params = core.given(locals())
        core.require(params, "knowledgebase_id", "files")
        return await self._send(core.upload("add/knowledgebase-file", AddFilesResponse, params))

    async def get_knowledgebase_file(
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
        return await self._send(Call("get/knowledgebase-file", FileListResponse, body, reads=True))

    async def delete_knowledgebase_file(
        self, file_ids: Sequence[str], *, knowledgebase_id: str | None = None
    ) -> DeleteResponse:
        """Delete files of a knowledge base, with what was learnt from them."""
        arguments = dict(locals())
        core.require(arguments, "file_ids")
        body = core.given(arguments)
        return await self._send(Call("delete/knowledgebase-file", DeleteResponse, body))
