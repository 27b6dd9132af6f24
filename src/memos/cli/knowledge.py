"""`memos kb`: knowledge bases and their files, over the API."""

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from memos.cli.answer import AnswerForm, Entry, Facts, FormOption, Listing
from memos.cli.answer import show_answer as show
from memos.cli.connection import open_client
from memos.cli.options import ApiKey, BaseUrl, json_list
from memos.errors import InvalidInputError

if TYPE_CHECKING:
    from memos.api.openmem_models import FileDetail

app = typer.Typer(no_args_is_help=True, help="Make knowledge bases and fill them with documents.")
KbId = Annotated[str, typer.Option("--kb-id", help="The knowledge base.", metavar="ID")]
FileIds = Annotated[
    str, typer.Option("--file-ids", help="File ids, as a JSON array.", metavar="JSON")
]


class FileType(str, Enum):
    """What a file is uploaded as."""

    DOCUMENT = "document"
    SKILL = "skill"


@app.command()
def create(
    name: Annotated[str, typer.Option("--name", help="Its name.")],
    description: Annotated[str | None, typer.Option("--description", help="What is in it.")] = None,
    form: FormOption = AnswerForm.AGENT,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
) -> None:
    """Make a knowledge base."""
    with open_client(api_key, base_url) as client:
        made = client.create_knowledgebase(name, description)
    data = made.data.model_dump(mode="json")
    show(data, [Facts("Knowledge base created.", {"id": made.knowledgebase_id})], form)


@app.command()
def remove(
    kb_id: Annotated[str, typer.Argument(metavar="KB_ID", help="The knowledge base.")],
    form: FormOption = AnswerForm.AGENT,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
) -> None:
    """Remove a knowledge base from the project."""
    with open_client(api_key, base_url) as client:
        done = client.delete_knowledgebase(kb_id)
    data = done.data.model_dump(mode="json")
    show(data, [Facts(f"Knowledge base {kb_id} removed.", {})], form)


@app.command("add-file")
def add_file(  # noqa: PLR0913, PLR0917 - one parameter per documented flag
    kb_id: KbId,
    files: Annotated[
        str | None,
        typer.Option(
            "--files",
            help="JSON array of addresses, data URIs or objects with content, name and type.",
            metavar="JSON",
        ),
    ] = None,
    path: Annotated[
        list[Path] | None,
        typer.Option("--path", help="File of this machine to upload; may be repeated."),
    ] = None,
    file_type: Annotated[
        FileType | None, typer.Option("--type", help="What the files are; default document.")
    ] = None,
    form: FormOption = AnswerForm.AGENT,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
) -> None:
    """Add documents, by address or from this machine: PDF, DOCX, DOC, TXT, JSON, MD, XML."""
    if bool(files) == bool(path):
        raise InvalidInputError("give either --files or --path")
    kind = file_type.value if file_type else None
    with open_client(api_key, base_url) as client:
        if files:
            entries = [_file_entry(item, kind) for item in json_list(files, "--files")]
            taken = client.add_knowledgebase_file_json(kb_id, entries)
        else:
            paths = [str(p) for p in path or ()]
            taken = client.add_knowledgebase_file_form(kb_id, paths, kind)
    show([f.model_dump(mode="json") for f in taken.files], [_listing(taken.files)], form)


@app.command("get-file")
def get_file(
    file_ids: FileIds,
    form: FormOption = AnswerForm.AGENT,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
) -> None:
    """Say how far the processing of files is."""
    with open_client(api_key, base_url) as client:
        found = client.get_knowledgebase_file(json_list(file_ids, "--file-ids"))
    show(found.data.model_dump(mode="json"), [_listing(found.files)], form)


@app.command("list-file")
def list_file(  # noqa: PLR0913, PLR0917 - one parameter per documented flag
    kb_id: KbId,
    file_type: Annotated[
        FileType | None, typer.Option("--type", help="Only files of this kind.")
    ] = None,
    page: Annotated[int, typer.Option(min=1, help="Page, from 1.", metavar="N")] = 1,
    page_size: Annotated[int, typer.Option(min=1, help="Files per page.", metavar="N")] = 20,
    form: FormOption = AnswerForm.AGENT,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
) -> None:
    """List the files of a knowledge base."""
    kind = file_type.value if file_type else None
    with open_client(api_key, base_url) as client:
        found = client.get_knowledgebase_file(
            knowledgebase_id=kb_id, type=kind, page=page, page_size=page_size
        )
    show(found.data.model_dump(mode="json"), [_listing(found.files)], form)


@app.command("delete-file")
def delete_file(
    kb_id: KbId,
    file_ids: FileIds,
    form: FormOption = AnswerForm.AGENT,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
) -> None:
    """Delete files with what was learnt from them."""
    ids = json_list(file_ids, "--file-ids")
    with open_client(api_key, base_url) as client:
        done = client.delete_knowledgebase_file(ids, knowledgebase_id=kb_id)
    data = done.data.model_dump(mode="json")
    show(data, [Facts("Files deleted.", {"file_ids": ", ".join(map(str, ids))})], form)


def _file_entry(item: Any, kind: str | None) -> dict[str, Any]:  # noqa: ANN401 - a JSON value
    entry = {"content": item} if isinstance(item, str) else item
    if not isinstance(entry, dict) or not entry.get("content"):
        raise InvalidInputError('an entry of --files must be an address or {"content": ..}')
    return {**entry, "type": kind} if kind else entry


def _listing(files: Sequence["FileDetail"]) -> Listing:
    entries = [
        Entry(
            f.name or "",
            {
                "status": f.status,
                "type": f.type,
                "size": getattr(f, "size", None) or _megabytes(getattr(f, "sizeMB", None)),
                "id": f.id,
            },
        )
        for f in files
    ]
    return Listing("files", "name", entries, quoted=False)


def _megabytes(size: object) -> str | None:
    return f"{size} MB" if size is not None else None
