"""Downloads of skill files by signed link. No key: the signature is the permission."""

from collections.abc import Sequence
from urllib.parse import quote

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from memos.api.openmem_models import SearchData
from memos.errors import NotFoundError
from memos.handlers.skill import PATH, SkillFile, SkillFiles
from memos.handlers.view import MemoryView
from memos.mem_os.bootstrap import System

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
}
"""A file of anybody is saved, never shown as a page of ours, and its link is told to no one."""


def add_skill_routes(app: FastAPI, files: SkillFiles) -> None:
    """Serve skill files."""

    async def download(request: Request, project: str, memory_id: str, name: str) -> Response:  # noqa: ARG001 - the name is for people
        query = request.query_params
        expires, signature = query.get("expires", ""), query.get("signature", "")
        try:
            return await anyio.to_thread.run_sync(
                lambda: _answer(files.file(project, memory_id, expires, signature))
            )
        except NotFoundError as error:
            content = {"code": error.code, "data": None, "message": error.message}
            return JSONResponse(content, status_code=404, headers=_HEADERS)

    path = f"{PATH}/{{project}}/{{memory_id}}/{{name}}"
    summary = "The file of a skill, by the link a search gave"
    app.add_api_route(
        path, download, methods=["GET"], tags=["service"], summary=summary, name="download_skill"
    )
    app.add_api_route(path, download, methods=["HEAD"], include_in_schema=False)


def with_links(
    data: SearchData, skills: Sequence[MemoryView], system: System, base_url: str
) -> None:
    """Give each skill of an answer the address of its file."""
    base = system.settings.public_url or base_url
    for detail, view in zip(data.skill_detail_list, skills, strict=True):
        detail.skill_url = system.knowledge.skill_files.link(view.item, base)


def _answer(file: SkillFile) -> Response:
    content = file.content if isinstance(file.content, bytes) else file.content.read_bytes()
    disposition = f"attachment; filename*=UTF-8''{quote(file.name)}"
    headers = {**_HEADERS, "Content-Disposition": disposition}
    return Response(content, media_type=file.media_type, headers=headers)
