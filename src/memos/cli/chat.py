"""`memos chat`, `memos extract`, `memos rerank`: what a model does with memories."""

from typing import Annotated

import typer

from memos.cli.answer import AnswerForm, Detail, DetailOption, FormOption, printable, show_answer
from memos.cli.client_config import conversation_or_default, user_or_default
from memos.cli.connection import open_client
from memos.cli.options import ApiKey, BaseUrl, ConversationId, UserId, words
from memos.cli.results import extracted, ranked
from memos.errors import InvalidInputError


def chat(  # noqa: PLR0913, PLR0917 - one parameter per documented flag
    text: Annotated[
        str | None,
        typer.Argument(metavar="[QUERY]", help="What to ask.", show_default=False),
    ] = None,
    query: Annotated[str | None, typer.Option("--query", "-q", help="The same, by name.")] = None,
    user: UserId = None,
    conversation: ConversationId = None,
    model: Annotated[
        str | None, typer.Option("--model", help="Chat model; absent: the server's default.")
    ] = None,
    form: FormOption = AnswerForm.AGENT,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
) -> None:
    """Ask a model that knows the user's memories. The server needs a chat model."""
    asked = words(text, query, "QUERY", "--query")
    with open_client(api_key, base_url) as client:
        answer = client.chat(
            user_or_default(user),
            conversation_or_default(conversation),
            asked,
            model_name=model,
            memory_limit_number=9,
            preference_limit_number=9,
        )
    if form is AnswerForm.JSON:
        show_answer(answer.data.model_dump(mode="json"), [], form)
    else:
        typer.echo(printable(answer.response))


def extract(  # noqa: PLR0913, PLR0917 - one parameter per documented flag
    text: Annotated[
        str | None,
        typer.Argument(metavar="[MESSAGE]", help="What to read.", show_default=False),
    ] = None,
    message: Annotated[
        str | None, typer.Option("--message", "-m", help="The same, by name.")
    ] = None,
    user: UserId = None,
    conversation: ConversationId = None,
    form: FormOption = AnswerForm.AGENT,
    detail: DetailOption = Detail.SIMPLE,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
) -> None:
    """Show the memories a message would make. Nothing is stored."""
    said = words(text, message, "MESSAGE", "--message")
    messages = [{"role": "user", "content": said}]
    who = {
        "user_id": user_or_default(user),
        "conversation_id": conversation_or_default(conversation),
    }
    with open_client(api_key, base_url, fields=who) as client:
        data = client.extract_memory(messages, ["memory", "preference"])["data"]
    show_answer(data, extracted(data), form, detail)


def rerank(  # noqa: PLR0913, PLR0917 - one parameter per documented flag
    texts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[QUERY] [DOCUMENTS]...",
            help="The question, then the texts to order.",
            show_default=False,
        ),
    ] = None,
    query: Annotated[str | None, typer.Option("--query", "-q", help="The question.")] = None,
    documents: Annotated[
        list[str] | None, typer.Option("--documents", help="A text to order; may be repeated.")
    ] = None,
    top_n: Annotated[
        int | None, typer.Option("--top-n", min=1, help="Only the best so many.", metavar="N")
    ] = None,
    form: FormOption = AnswerForm.AGENT,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
) -> None:
    """Order texts by how well they answer a question, best first."""
    given = list(texts or ())
    asked = words(given.pop(0) if given and query is None else None, query, "QUERY", "--query")
    candidates = [*given, *(documents or ())]
    if not candidates:
        raise InvalidInputError("DOCUMENTS is required: as arguments or with --documents")
    with open_client(api_key, base_url) as client:
        answer = client.rerank(asked, candidates, "memos-reranker-0.6b", top_n)
    data = answer if "results" in answer else answer.get("data") or {}
    show_answer(data, [ranked(data.get("results") or ())], form)
