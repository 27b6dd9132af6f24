"""`memos search` and `memos explain`: ask a running server, and see why it answers as it does."""

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from memos.cli.connection import open_client
from memos.cli.console import Format, day_and_time, show_rows
from memos.cli.options import ApiKey, BaseUrl, OutputFormat

if TYPE_CHECKING:
    from memos.api.openmem_models import SearchResponse

User = Annotated[
    str | None, typer.Option("--user", "--user-id", help="Whose memories.", metavar="ID")
]
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
AsJson = Annotated[bool, typer.Option("--json", help="The same as --format json.")]


class Mode(str, Enum):
    """How a search is done."""

    FAST = "fast"
    FINE = "fine"


SearchMode = Annotated[
    Mode, typer.Option("--mode", help="fine asks the server's model for further queries.")
]


def search(  # noqa: PLR0913, PLR0917 - one parameter per documented flag
    words: Annotated[
        str | None, typer.Argument(metavar="QUERY", help="What to look for.", show_default=False)
    ] = None,
    query: Annotated[str | None, typer.Option("--query", "-q", help="The same, by name.")] = None,
    user: User = None,
    agent: Agent = None,
    conversation: Conversation = None,
    limit: Limit = 9,
    preference_limit: PreferenceLimit = 9,
    relativity: Relativity = None,
    mode: SearchMode = Mode.FAST,
    explain: Annotated[
        bool, typer.Option("--explain", help="Also say how each score came about.")
    ] = False,
    context: Annotated[
        bool, typer.Option("--context", help="Print the text block for a prompt instead.")
    ] = False,
    form: OutputFormat = Format.TABLE,
    as_json: AsJson = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
) -> None:
    """Search the memories of a user or an agent on a running server."""
    with open_client(api_key, base_url) as client:
        found = client.search_memory(
            words or query or "",
            user,
            conversation,
            agent,
            limit,
            relativity=relativity,
            preference_limit_number=preference_limit,
            explain=explain,
            context_format="prompt" if context else "memory",
            mode=mode.value,
        )
    if as_json or form is Format.JSON:
        typer.echo(json.dumps(found.data.model_dump(mode="json"), ensure_ascii=False, indent=2))
    elif context:
        typer.echo(printable(found.context or ""))
    else:
        _show(found, explain=explain)


def explain_memory(  # noqa: PLR0913, PLR0917 - one parameter per documented flag
    memory_id: Annotated[str, typer.Argument(metavar="MEMORY_ID", help="The memory.")],
    query: Annotated[str, typer.Argument(metavar="QUERY", help="What is looked for.")],
    user: User = None,
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
            user,
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


def _show(found: "SearchResponse", *, explain: bool) -> None:
    facts = [
        ("fact", m.memory_value, m.relativity, m.memory_time or m.create_time, m.id)
        for m in found.memories
    ]
    preferences = [
        ("preference", p.preference, p.relativity, p.create_time, p.id) for p in found.preferences
    ]
    rows = [
        (place, kind, printable(text or ""), _number(relativity), _day(when), memory_id)
        for place, (kind, text, relativity, when, memory_id) in enumerate(facts + preferences, 1)
    ]
    columns = ("no", "kind", "memory", "relativity", "time_utc", "id")
    show_rows(f"{len(rows)} memories", columns, rows, Format.TABLE)
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


def _day(when: int | str | None) -> str | None:
    return day_and_time(when) if isinstance(when, int) else when


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:.3f}"


def printable(text: str) -> str:
    """Text that cannot command a terminal: control characters but line ends are replaced."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
