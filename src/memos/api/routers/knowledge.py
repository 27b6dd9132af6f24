"""Endpoints of knowledge bases and their files."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter

from memos.api.file_content import (
    Described,
    checked_name,
    data_prefix,
    decoded,
    file_type,
    from_address,
    from_bytes,
    is_address,
    require,
)
from memos.api.gateway import Call, Gateway, Upload
from memos.api.openmem_models import (
    AddKnowledgebaseFileRequest,
    CreateKnowledgebaseRequest,
    DeleteData,
    DeleteKnowledgebaseFileRequest,
    DeleteKnowledgebaseRequest,
    FileDetail,
    FileListData,
    GetKnowledgebaseFileRequest,
    KnowledgebaseData,
    UploadedFile,
    parse_request,
)
from memos.api.openmem_models.parse import check_storable
from memos.api.upload import Body, Span
from memos.errors import EmptyFieldError
from memos.handlers.knowledge_base import IncomingFile, KnowledgeBases
from memos.mem_os.bootstrap import System
from memos.records.knowledge import FileType, KnowledgeFile

_MB = 2**20
_PAGE_SIZE = 10
_PREFIX_BYTES = 1024
_ENVELOPE_BYTES = 2**20
_FORM = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "properties": {
                "file": {"type": "array", "items": {"type": "string", "format": "binary"}}
            },
            "required": ["file"],
        }
    }
}
_QUERY = [
    {
        "name": name,
        "in": "query",
        "required": False,
        "schema": {"type": "string"},
        "description": f"{name} of a form; a JSON body has its own.",
    }
    for name in ("knowledgebase_id", "type")
]


def add_knowledge_routes(router: APIRouter, gateway: Gateway, system: System) -> None:
    """Add the endpoints to the router of the Cloud API."""
    routes = KnowledgeRoutes(system.knowledge.bases)
    post = gateway.post
    post(router, "create/knowledgebase", CreateKnowledgebaseRequest, routes.create)
    post(router, "delete/knowledgebase", DeleteKnowledgebaseRequest, routes.delete, slow=True)
    post(router, "get/knowledgebase-file", GetKnowledgebaseFileRequest, routes.files)
    post(
        router,
        "delete/knowledgebase-file",
        DeleteKnowledgebaseFileRequest,
        routes.delete_files,
        slow=True,
    )
    limits = system.knowledge.bases.limits
    upload = Upload(
        folder=system.settings.data_dir,
        # Base64 takes four bytes for three.
        limit=limits.upload_bytes * 4 // 3 + _ENVELOPE_BYTES,
        model=AddKnowledgebaseFileRequest,
        also_content=_FORM,
        parameters=_QUERY,
    )
    gateway.upload(router, "add/knowledgebase-file", upload, routes.add_files)


class KnowledgeRoutes:
    """What each endpoint does with a checked request. Runs on worker threads."""

    def __init__(self, knowledge: KnowledgeBases) -> None:
        self._knowledge = knowledge

    def create(self, call: Call, body: CreateKnowledgebaseRequest) -> KnowledgebaseData:
        """Make a knowledge base and link it to the project of the key."""
        made = self._knowledge.create(
            call.caller, body.knowledgebase_name, body.knowledgebase_description
        )
        return KnowledgebaseData(id=made)

    def delete(self, call: Call, body: DeleteKnowledgebaseRequest) -> DeleteData:
        """Take a knowledge base from the project; it is erased when no other project has it."""
        counts = self._knowledge.remove(call.caller, body.knowledgebase_id)
        return DeleteData(success=True, receipt=counts)

    def add_files(self, call: Call, body: Body) -> list[dict[str, Any]]:
        """Add files to a knowledge base; each is worked on in the background.

        Takes JSON, or a form with parts named `file` and the other fields in the query. A file
        whose content is there already is not taken twice: the answer names the one that is there.
        """
        if body.is_multipart:
            where, files = _of_form(body, call.query)
        else:
            where, files = _of_json(body)
        added = self._knowledge.add_files(call.caller, where, files)
        return [detail(file).model_dump(mode="json") for file in added]

    def files(self, call: Call, body: GetKnowledgebaseFileRequest) -> FileListData:
        """Read files by their ids, or list those of a knowledge base, newest first."""
        if body.knowledgebase_id is None:
            found = self._knowledge.files(call.caller, body.file_ids or [])
            details = [detail(file) for file in found]
            return FileListData(
                file_detail_list=details, total=len(found), page=1, page_size=len(found)
            )
        number, size = body.page or 1, body.page_size or _PAGE_SIZE
        only = None if body.type is None else FileType(body.type)
        page = self._knowledge.page(
            call.caller, body.knowledgebase_id, only, page=number, size=size
        )
        details = [detail(file) for file in page.files]
        return FileListData(file_detail_list=details, total=page.total, page=number, page_size=size)

    def delete_files(self, call: Call, body: DeleteKnowledgebaseFileRequest) -> DeleteData:
        """Erase files with their memories, or their skill. No byte of them is left behind."""
        counts = self._knowledge.delete_files(call.caller, body.file_ids, body.knowledgebase_id)
        return DeleteData(success=True, receipt=counts)


def detail(file: KnowledgeFile) -> FileDetail:
    """One file on the wire. `reason` says why a failed one failed."""
    return FileDetail(
        id=file.id,
        type=file.type.value,
        name=file.name,
        status=file.status,
        sizeMB=round(file.size / _MB, 6),
        size=_size_text(file.size),
        reason=file.reason if file.status == "failed" else None,
        progress=100 if file.status == "completed" else file.progress,
        pages=file.pages,
        knowledgebase_id=file.knowledgebase_id,
        task_id=file.task_id,
        create_time=file.created_at,
        update_time=file.updated_at,
    )


def _size_text(size: int) -> str:
    if size < 1024:
        return f"{size} B"
    return f"{size / 1024:.1f} KB" if size < _MB else f"{size / _MB:.1f} MB"


def _of_json(body: Body) -> tuple[str, list[IncomingFile]]:
    decoded_body, spans = body.json()
    request = parse_request(AddKnowledgebaseFileRequest, decoded_body)
    files = [_incoming(body, file, spans, n) for n, file in enumerate(request.file, 1)]
    return request.knowledgebase_id, files


def _incoming(
    body: Body, file: UploadedFile, spans: Mapping[str, Span], number: int
) -> IncomingFile:
    kind = file_type(file.type)
    name = checked_name(file.name or file.file_name or "")
    span = spans.get(file.content)
    if span is None:
        return _short(file, Described(name, kind, file.mime_type or ""), number)
    head = body.data[span.start : min(span.end, span.start + _PREFIX_BYTES)]
    media_type, length = data_prefix(head.decode("ascii", "replace").replace("\\/", "/"))
    # The prefix was measured without the escapes that stand in it.
    length += head[:length].count(b"\\/") if length else 0
    content = decoded(body.pieces(Span(span.start + length, span.end)), escaped=True)
    return from_bytes(Described(name, kind, media_type or file.mime_type or ""), content, number)


def _short(file: UploadedFile, described: Described, number: int) -> IncomingFile:
    if is_address(file.content):
        return from_address(described, file.content)
    text = file.content.strip()
    media_type, length = data_prefix(text)
    described = Described(described.name, described.type, media_type or described.media_type)
    return from_bytes(described, decoded([text[length:].encode()]), number)


def _of_form(body: Body, query: Mapping[str, str]) -> tuple[str, list[IncomingFile]]:
    parts = body.parts()
    fields = {
        part.name: body.data[part.span.start : part.span.end].decode("utf-8", "replace")
        for part in parts
        if part.filename is None and part.span.end - part.span.start <= _PREFIX_BYTES
    }
    given = {**fields, **query}
    check_storable("form", [*given.items()])
    where = require(given.get("knowledgebase_id", ""), "knowledgebase_id")
    kind = file_type(given.get("type") or FileType.DOCUMENT.value)
    uploads = [part for part in parts if part.filename is not None]
    if not uploads:
        raise EmptyFieldError("the form holds no file", field="file")
    files = []
    for number, part in enumerate(uploads, 1):
        check_storable("name", part.filename)
        described = Described(checked_name(part.filename or ""), kind, part.media_type)
        files.append(from_bytes(described, body.pieces(part.span), number))
    return where, files
