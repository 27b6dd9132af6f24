"""`memos eval`: measure retrieval and answers on published dialogue sets."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from memos.evaluation.corpus import Corpus

app = typer.Typer(no_args_is_help=True, help="Measure what is remembered, on files you name.")

File = Annotated[Path, typer.Argument(metavar="PATH", help="File of the data set.")]
Form = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="locomo, longmemeval, beam, personamem, prefeval or halumem.",
    ),
]
Dialogues = Annotated[
    str | None,
    typer.Option(metavar="LIST", help="Only these dialogues, from 0: `0-4` or `0,2,7`."),
]
KeptDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="DIR",
        help="Keep what is added here and use it again; default a folder that is removed.",
    ),
]
OutDir = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Write the reports here.")
]
Seed = Annotated[int, typer.Option(help="Of the bootstrap and of samples.")]
Threads = Annotated[int, typer.Option(min=1, help="Dialogues and questions at once.")]
Ks = Annotated[str, typer.Option("--k", metavar="LIST", help="Numbers of results looked at.")]
Tokens = Annotated[str, typer.Option(metavar="LIST", help="Sizes of the room for memories.")]
_LIST_LIMIT = 50
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def retrieval(  # noqa: PLR0913, PLR0917 - one parameter per documented flag
    file: File,
    form: Form,
    dialogues: Dialogues = None,
    k: Ks = "5,10,20,50",
    tokens: Tokens = "500,1000,2000",
    out: OutDir = None,
    data_dir: KeptDir = None,
    seed: Seed = 7,
    threads: Threads = 1,
    as_json: Json = False,
    weights: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Set a weight of the ranking."),
    ] = None,
    ablate: Annotated[
        list[str] | None,
        typer.Option(metavar="STAGE", help="Switch off a stage of the ranking, e.g. dense."),
    ] = None,
    no_speakers: Annotated[
        bool, typer.Option("--no-speakers", help="As --ablate speakers.")
    ] = False,
    no_times: Annotated[bool, typer.Option("--no-times", help="As --ablate times.")] = False,
) -> None:
    """Add dialogues to a store of their own, ask their questions, and measure what comes back.

    No language model takes part, and nothing leaves the machine.
    """
    import json

    from memos.evaluation.report import retrieval_json, retrieval_markdown, write_retrieval
    from memos.evaluation.retrieval import RetrievalOptions, measure
    from memos.evaluation.stage import changes
    from memos.evaluation.subject import open_subject

    stages = [*(ablate or ()), *(["speakers"] * no_speakers), *(["times"] * no_times)]
    values = _weights(weights or [])
    changed = {name: str(value) for name, value in values.items()} | dict.fromkeys(stages, "off")
    chosen = changes(stages, values)
    ranks = _numbers("--k", k)
    options = RetrievalOptions(
        k=ranks,
        tokens=_numbers("--tokens", tokens),
        limit=max(_LIST_LIMIT, *ranks),
        seed=seed,
        threads=threads,
    )
    corpus = _corpus(form, file, dialogues)
    with _folder(data_dir) as folder, open_subject(folder, threads=threads) as subject:
        added = subject.add(corpus.dialogues, threads)
        report = measure(subject.changed(chosen), corpus, added, options, changed=changed)
    if out:
        for path in write_retrieval(report, out):
            typer.echo(f"wrote {path}", err=True)
    text = (
        json.dumps(retrieval_json(report), ensure_ascii=False, indent=2)
        if as_json
        else retrieval_markdown(report)
    )
    typer.echo(text)


def _corpus(form: str, file: Path, dialogues: str | None) -> "Corpus":
    from memos.evaluation.formats import load

    corpus = load(form, file)
    return corpus.only(_places(dialogues)) if dialogues else corpus


@contextlib.contextmanager
def _folder(data_dir: Path | None) -> Iterator[Path]:
    if data_dir is not None:
        yield data_dir
        return
    with tempfile.TemporaryDirectory(prefix="memos-eval-") as folder:
        yield Path(folder)


def _numbers(flag: str, text: str) -> tuple[int, ...]:
    try:
        numbers = tuple(sorted({int(part) for part in text.split(",") if part.strip()}))
    except ValueError as error:
        raise typer.BadParameter("use numbers with commas", param_hint=flag) from error
    if not numbers or numbers[0] < 1:
        raise typer.BadParameter("use numbers from 1", param_hint=flag)
    return numbers


def _places(text: str) -> tuple[int, ...]:
    places: list[int] = []
    try:
        for part in text.split(","):
            first, _, last = part.partition("-")
            places.extend(range(int(first), int(last or first) + 1))
    except ValueError as error:
        raise typer.BadParameter("use `0-4` or `0,2,7`", param_hint="--dialogues") from error
    return tuple(dict.fromkeys(places))


def _weights(settings: list[str]) -> dict[str, float]:
    values = {}
    for setting in settings:
        name, _, value = setting.partition("=")
        try:
            values[name.strip()] = float(value)
        except ValueError as error:
            raise typer.BadParameter("use NAME=NUMBER", param_hint="--set") from error
    return values
