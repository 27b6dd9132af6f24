"""`memos add`, `get`, `origin`, `delete`, `message`, `feedback`, `status`: memories by hand."""

from typing import Annotated

import typer

from memos.cli.answer import AnswerForm, Detail, DetailOption, Entry, Facts, FormOption, Listing
from memos.cli.answer import show_answer as show
from memos.cli.client_config import conversation_or_default, effective, user_or_default
from memos.cli.connection import open_client
from memos.cli.options import ApiKey, BaseUrl, ConversationId, Truth, UserId, json_list, words
from memos.cli.results import memory_listings, moment
from memos.errors import InvalidInputError, MemosError


def add(  # noqa: PLR0913, PLR0917 - one parameter per documented flag
    text: Annotated[
        str | None,
        typer.Argument(
            metavar="[MESSAGE]",
            help="What to remember; - reads standard input.",
            show_default=False,
        ),
    ] = None,
    message: Annotated[
        str | None, typer.Option("--message", "-m", help="The same, by name.")
    ] = None,
    user: UserId = None,
    conversation: ConversationId = None,
    tags: Annotated[
        list[str] | None,
        typer.Option("--tag", help="Label for the memories it fits; may be repeated."),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Answer when memories are made of it.")
    ] = False,
    form: FormOption = AnswerForm.AGENT,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
) -> None:
    """Write a memory: one message of the user."""
    said = words(text, message, "MESSAGE", "--message")
    with open_client(api_key, base_url) as client:
        added = client.add_message(
            [{"role": "user", "content": said}],
            user_or_default(user),
            conversation_or_default(conversation),
            agent_id=effective("defaults.agent_id")[0],
            app_id=effective("defaults.app_id")[0],
            tags=tags or None,
            async_mode=not wait,
        )
    told = {"status": added.status, "task_id": added.task_id}
    show(added.data.model_dump(mode="json"), [Facts("Memory added.", told)], form)


def get(  # noqa: PLR0913, PLR0917 - one parameter per documented flag
    user: Annotated[
        str | None, typer.Argument(metavar="[USER_ID]", help="Whose memories.", show_default=False)
    ] = None,
    user_id: UserId = None,
    page: Annotated[int | None, typer.Option(min=1, help="Page, from 1.", metavar="N")] = None,
    size: Annotated[
        int | None, typer.Option(min=1, max=50, help="Entries per kind.", metavar="N")
    ] = None,
    include_preference: Annotated[
        Truth | None, typer.Option("--include-preference", help="Also preferences.")
    ] = None,
    include_tool_memory: Annotated[
        Truth | None, typer.Option("--include-tool-memory", help="Also tool memories.")
    ] = None,
    include_skill: Annotated[
        Truth | None, typer.Option("--include-skill", help="Also skills.")
    ] = None,
    form: FormOption = AnswerForm.AGENT,
    detail: DetailOption = Detail.SIMPLE,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
) -> None:
    """Read the memories of a user, newest first."""
    if user and user_id and user != user_id:
        raise InvalidInputError("give the user once: as argument or with --user-id")
    options = {
        "page": page,
        "size": size,
        "include_preference": None if include_preference is None else bool(include_preference),
        "include_tool_memory": None if include_tool_memory is None else bool(include_tool_memory),
        "include_skill": None if include_skill is None else bool(include_skill),
    }
    with open_client(api_key, base_url) as client:
        given = {name: value for name, value in options.items() if value is not None}
        found = client.get_memory(user_or_default(user or user_id), **given)  # type: ignore[arg-type] # named above
    data = found.data
    parts = [*memory_listings(data)]
    show(data.model_dump(mode="json"), parts, form, detail)
    if form is not AnswerForm.JSON and (data.pages or 0) > 1:
        typer.echo(f"page {data.current} of {data.pages}; --page N shows another", err=True)


def origin(
    memory_id: Annotated[str, typer.Argument(metavar="MEMORY_ID", help="The memory.")],
    form: FormOption = AnswerForm.AGENT,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
) -> None:
    """Show the original words a memory was taken from."""
    with open_client(api_key, base_url) as client:
        data = client.get_memory_by_id(memory_id)["data"]
    sources = (data.get("metadata") or {}).get("sources") or data.get("sources") or []
    entries = [
        Entry(
            str(source.get("content") or ""),
            {"role": source.get("role"), "time": moment(source.get("chat_time"))},
            {"message": source.get("message_id")},
        )
        for source in sources
    ]
    about = {
        "memory": data.get("memory") or data.get("memory_value"),
        "kind": data.get("memory_type"),
        "status": data.get("status"),
        "id": data.get("id"),
    }
    show(data, [Facts("Memory", about), Listing("original messages", "words", entries)], form)


def delete(
    memory_id: Annotated[
        str | None, typer.Argument(metavar="[MEMORY_ID]", help="The memory.", show_default=False)
    ] = None,
    user: Annotated[
        str | None,
        typer.Option("--user-id", "--user", help="Or all memories of this user.", metavar="ID"),
    ] = None,
    form: FormOption = AnswerForm.AGENT,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
) -> None:
    """Erase one memory, or everything of a user. There is no way back."""
    if bool(memory_id) == bool(user):
        raise InvalidInputError("give either MEMORY_ID or --user-id")
    with open_client(api_key, base_url) as client:
        if memory_id:
            done = client.delete_memory(memory_ids=[memory_id])
        else:
            done = client.delete_memory(user_id=user)
    what = f"Memory {memory_id} deleted." if memory_id else f"All memories of {user} deleted."
    show(done.data.model_dump(mode="json"), [Facts(what, {})], form)


def message(
    user: UserId = None,
    conversation: ConversationId = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, help="Most messages; at most 50.", metavar="N")
    ] = 6,
    form: FormOption = AnswerForm.AGENT,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
) -> None:
    """Read the newest original messages of a conversation, oldest first."""
    with open_client(api_key, base_url) as client:
        found = client.get_message(
            user_or_default(user),
            conversation_or_default(conversation),
            message_limit_number=min(limit, 50),
        )
    entries = [
        Entry(str(m.content or ""), {"role": m.role, "time": m.create_time}) for m in found.messages
    ]
    show(found.data.model_dump(mode="json"), [Listing("messages", "message", entries)], form)


def feedback(  # noqa: PLR0913, PLR0917 - one parameter per documented flag
    text: Annotated[
        str | None,
        typer.Argument(
            metavar="[FEEDBACK_TEXT]", help="What is wrong or missing.", show_default=False
        ),
    ] = None,
    content: Annotated[
        str | None, typer.Option("--feedback-content", help="The same, by name.")
    ] = None,
    user: UserId = None,
    conversation: ConversationId = None,
    knowledgebases: Annotated[
        str | None,
        typer.Option("--allow-knowledgebase-ids", help="Knowledge bases it may change, as JSON."),
    ] = None,
    form: FormOption = AnswerForm.AGENT,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
) -> None:
    """Correct, complete or forget memories by saying so."""
    said = words(text, content, "FEEDBACK_TEXT", "--feedback-content")
    flag = "--allow-knowledgebase-ids"
    with open_client(api_key, base_url) as client:
        taken = client.add_feedback(
            user_or_default(user),
            conversation_or_default(conversation),
            said,
            allow_knowledgebase_ids=json_list(knowledgebases, flag) if knowledgebases else None,
        )
    told = {"status": taken.status, "task_id": taken.task_id}
    show(taken.data.model_dump(mode="json"), [Facts("Feedback taken.", told)], form)


def status(
    task_id: Annotated[
        str, typer.Argument(metavar="TASK_ID", help="From the answer of add or feedback.")
    ],
    form: FormOption = AnswerForm.AGENT,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
) -> None:
    """Say how far the work behind an add or a feedback is; a failed one exits with 1."""
    with open_client(api_key, base_url) as client:
        state = client.get_task_status(task_id)
    told = {"status": state.status, "task_id": state.task_id}
    show(state.data.model_dump(mode="json"), [Facts("Task", told)], form)
    if state.status == "failed":
        raise MemosError(f"task {task_id} failed; the server's log says why")
