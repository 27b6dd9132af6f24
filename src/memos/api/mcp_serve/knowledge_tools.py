"""The tools of the hosted service for knowledge bases and their documents."""

from typing import Annotated

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from memos.api.client import AsyncMemOSClient
from memos.api.mcp_serve.document import LocalFile, PathPolicy, RemoteContent, read_documents
from memos.api.mcp_serve.failure import Breaker, told
from memos.api.mcp_serve.memory_tools import ERASES, READS, WRITES, Json
from memos.api.mcp_serve.session import Sessions

Text = Annotated[str, Field(min_length=1)]


def add_knowledge_tools(
    server: MCPServer, sessions: Sessions, policy: PathPolicy, breaker: Breaker
) -> None:
    """Add the tools for knowledge bases."""
    _add_bases(server, sessions)
    _add_upload(server, sessions, policy, breaker)
    _add_documents(server, sessions)


def _add_bases(server: MCPServer, sessions: Sessions) -> None:
    @server.tool(annotations=WRITES)
    async def create_knowledge_base(
        knowledgebase_name: Text, context: Context, knowledgebase_description: str | None = None
    ) -> Json:
        """Make a knowledge base for the documents of a project or field; the answer has its id."""
        call = sessions.client(context).create_knowledgebase(
            knowledgebase_name, knowledgebase_description
        )
        return (await told(call)).model_dump(mode="json")

    @server.tool(annotations=ERASES)
    async def remove_knowledge_base(knowledgebase_id: Text, context: Context) -> Json:
        """Remove a knowledge base with its documents. Only when the user asks for it."""
        call = sessions.client(context).delete_knowledgebase(knowledgebase_id)
        return (await told(call)).model_dump(mode="json")


def _add_upload(
    server: MCPServer, sessions: Sessions, policy: PathPolicy, breaker: Breaker
) -> None:
    @server.tool(annotations=WRITES)
    async def add_kb_document(
        knowledgebase_id: Text,
        files: Annotated[
            list[str],
            Field(
                description="Local paths, http(s) addresses or data URLs. Pass paths as they are: "
                "the file is read here and never enters the conversation.",
                min_length=1,
                max_length=20,
            ),
        ],
        context: Context,
    ) -> Json:
        """Put documents into a knowledge base. If it fails, do not call it again: tell the user."""
        what = "\n".join([knowledgebase_id, *files])
        breaker.check(what)
        try:
            local, remote = read_documents(files, policy)
            answer = await _uploaded(sessions.client(context), knowledgebase_id, local, remote)
        except ToolError:
            breaker.failed(what)
            raise
        breaker.passed(what)
        return answer


async def _uploaded(
    client: AsyncMemOSClient,
    knowledgebase_id: str,
    local: list[LocalFile],
    remote: list[RemoteContent],
) -> Json:
    """Send files and addresses; the answers as one."""
    answers = []
    if local:
        paths = [str(one.path) for one in local]
        answers.append(await told(client.add_knowledgebase_file_form(knowledgebase_id, paths)))
    if remote:
        contents = [{"content": one.content} for one in remote]
        answers.append(await told(client.add_knowledgebase_file_json(knowledgebase_id, contents)))
    bodies = [answer.model_dump(mode="json") for answer in answers]
    return {**bodies[0], "data": [file for body in bodies for file in body["data"]]}


def _add_documents(server: MCPServer, sessions: Sessions) -> None:
    @server.tool(annotations=READS)
    async def get_kb_documents(file_ids: list[str], context: Context) -> Json:
        """State and details of documents, by their ids: whether each is read, and why not."""
        call = sessions.client(context).get_knowledgebase_file(file_ids)
        return (await told(call)).model_dump(mode="json")

    @server.tool(annotations=ERASES)
    async def delete_kb_documents(file_ids: list[str], context: Context) -> Json:
        """Remove documents from their knowledge base, by their ids. Only when the user asks for it."""
        call = sessions.client(context).delete_knowledgebase_file(file_ids)
        return (await told(call)).model_dump(mode="json")
