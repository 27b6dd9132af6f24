"""`memos search` and `memos explain`: ask a running server, and see why it answers as it does."""

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from memos.cli.answer import (
    AnswerForm,
    Detail,
    DetailOption,
    FormOption,
    printable,
    show_answer,
)
from memos.cli.client_config import user_or_default
from memos.cli.connection import open_client
from memos.cli.console import Format, show_rows
from memos.cli.options import (
    ApiKey,
    BaseUrl,
    OutputFormat,
    Truth,
    UserId,
    json_list,
    json_object,
    words,
)
from memos.cli.results import memory_listings

if TYPE_CHECKING:
    from memos.api.openmem_models import SearchResponse

Agent = Annotated[
    str | None,
    typer.Option("--agent", "--agent-id", help="Or those of this agent.", metavar="ID"),
]
Conversation = Annotated[
    str | None,
    typer.Option(
        "--conversation", "--conversation-id", help="Whose memories weigh more.", metavar="ID"
    ),
]
Limit = Annotated[
    int, typer.Option("--limit", "--memory-limit-number", help="Most facts, 0 to 25.", metavar="N")
]
PreferenceLimit = Annotated[
    int, typer.Option("--preference-limit-number", help="Most preferences, 0 to 25.", metavar="N")
]
Relativity = Annotated[
    float | None,
    typer.Option(
        min=0, max=1, help="Least relevance, 0 to 1; absent: the server's default.", metavar="R"
    ),
]
Include = Annotated[Truth, typer.Option("--include-preference", help="Also preferences.")]
IncludeTools = Annotated[Truth, typer.Option("--include-tool-memory", help="Also tool memories.")]
IncludeSkills = Annotated[
    Truth, typer.Option("--include-skill-memory", "--include-skill", help="Also skills.")
]
ToolLimit = Annotated[
    int, typer.Option("--tool-memory-limit-number", help="Most tool memories.", metavar="N")
]
SkillLimit = Annotated[
    int,
    typer.Option(
        "--skill-memory-limit-number", "--skill-limit-number", help="Most skills.", metavar="N"
    ),
]
FilterJson = Annotated[
    str | None, typer.Option("--filter", help="Conditions memories must meet.", metavar="JSON")
]
Knowledgebases = Annotated[
    str | None,
    typer.Option(
        "--knowledgebase-ids", help="Knowledge bases to search too: ids or all.", metavar="JSON"
    ),
]
Explain = Annotated[bool, typer.Option("--explain", help="Also say how each score came about.")]
Context = Annotated[
    bool, typer.Option("--context", help="Print the text block for a prompt instead.")
]
QueryText = Annotated[
    str | None, typer.Argument(metavar="[QUERY]", help="What to look for.", show_default=False)
]
QueryOption = Annotated[str | None, typer.Option("--query", "-q", help="The same, by name.")]
AsJson = Annotated[bool, typer.Option("--json", help="The same as --format json.")]


class Mode(str, Enum):
    """How a search is done."""

    FAST = "fast"
    FINE = "fine"


SearchMode = Annotated[
    Mode, typer.Option("--mode", help="fine asks the server's model for further queries.")
]


def search(  # noqa: PLR0913, PLR0917 - one parameter per documented flag
    text: QueryText = None,
    query: QueryOption = None,
    user: UserId = None,
    agent: Agent = None,
    conversation: Conversation = None,
    include_preference: Include = Truth.TRUE,
    include_tool_memory: IncludeTools = Truth.FALSE,
    include_skill: IncludeSkills = Truth.FALSE,
    limit: Limit = 9,
    preference_limit: PreferenceLimit = 9,
    tool_limit: ToolLimit = 6,
    skill_limit: SkillLimit = 6,
    relativity: Relativity = None,
    filter_text: FilterJson = None,
    knowledgebases: Knowledgebases = None,
    mode: SearchMode = Mode.FAST,
    explain: Explain = False,
    context: Context = False,
    form: FormOption = AnswerForm.AGENT,
    detail: DetailOption = Detail.SIMPLE,
    as_json: AsJson = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
) -> None:
    """Search the memories of a user or an agent."""
    form = AnswerForm.JSON if as_json else form
    with open_client(api_key, base_url) as client:
        found = client.search_memory(
            words(text, query, "QUERY", "--query"),
            _whose(user, agent),
            conversation_id=conversation,
            agent_id=agent,
            memory_limit_number=limit,
            include_preference=bool(include_preference),
            knowledgebase_ids=_bases(knowledgebases),
            filter=json_object(filter_text, "--filter"),
            include_tool_memory=bool(include_tool_memory),
            preference_limit_number=preference_limit,
            tool_memory_limit_number=tool_limit,
            relativity=relativity,
            include_skill=bool(include_skill),
            skill_limit_number=skill_limit,
            explain=explain,
            context_format="prompt" if context else "memory",
            mode=mode.value,
        )
    if context and form is not AnswerForm.JSON:
        typer.echo(printable(found.context or ""))
    else:
        _show(found, form, detail, explain=explain)


def _whose(user: str | None, agent: str | None) -> str | None:
    """The user meant; none when only an agent is named."""
    return user if agent and not user else user_or_default(user)


def _bases(text: str | None) -> list[str] | None:
    return [str(i) for i in json_list(text, "--knowledgebase-ids")] if text else None


def explain_memory(  # noqa: PLR0913, PLR0917 - one parameter per documented flag
    memory_id: Annotated[str, typer.Argument(metavar="MEMORY_ID", help="The memory.")],
    query: Annotated[str, typer.Argument(metavar="QUERY", help="What is looked for.")],
    user: UserId = None,
    agent: Agent = None,
    conversation: Conversation = None,
    limit: Limit = 9,
    preference_limit: PreferenceLimit = 9,
    relativity: Relativity = None,
    mode: SearchMode = Mode.FAST,
    form: OutputFormat = Format.TABLE,
    as_json: AsJson = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
) -> None:
    """Say where a memory stands in a search, or which stage left it out."""
    with open_client(api_key, base_url) as client:
        verdict = client.explain_memory(
            memory_id,
            query,
            _whose(user, agent),
            agent_id=agent,
            conversation_id=conversation,
            memory_limit_number=limit,
            preference_limit_number=preference_limit,
            relativity=relativity,
            mode=mode.value,
        )["data"]
    if as_json or form is Format.JSON:
        typer.echo(json.dumps(verdict, ensure_ascii=False, indent=2))
        return
    typer.echo(f"{verdict['stage']}: {verdict['detail']}")
    if verdict["parts"] is not None:
        parts = {**verdict["parts"], "relativity": verdict["relativity"]}
        show_rows("Parts of its score", ("part", "value"), _rounded(parts), Format.TABLE)


def _show(found: "SearchResponse", form: AnswerForm, detail: Detail, *, explain: bool) -> None:
    show_answer(found.data.model_dump(mode="json"), memory_listings(found.data), form, detail)
    if form is AnswerForm.TABLE or (explain and form is not AnswerForm.JSON):
        _tell_stages(found, explain=explain)


def _tell_stages(found: "SearchResponse", *, explain: bool) -> None:
    if explain:
        explained = [r.explain for r in (*found.memories, *found.preferences)]
        scores = [_score_row(place, e) for place, e in enumerate(explained, 1) if e]
        show_rows("How the scores came about", _SCORE_COLUMNS, scores, Format.TABLE)
    said = [f"answerable: {_number(found.answerable)}"]
    said += [f"{name}: {outcome}" for name, outcome in found.stages.items() if name != "plan"]
    typer.echo("; ".join(said))


_PARTS = ("lexical", "dense", "own", "time", "speaker")
_SCORE_COLUMNS = ("no", "score", *_PARTS, "boosts", "rank_by_part")


def _score_row(place: int, explanation: Mapping[str, Any]) -> tuple[object, ...]:
    parts = explanation["parts"]
    return (
        place,
        _number(explanation["score"]),
        *(_number(parts[name]) for name in _PARTS),
        _pairs(explanation["boosts"]),
        _pairs(explanation["arm_ranks"]),
    )


def _pairs(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.3g}" for name, value in values.items())


def _rounded(values: Mapping[str, float]) -> Sequence[tuple[str, str | None]]:
    return [(name, _number(value)) for name, value in values.items()]


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:.3f}"
