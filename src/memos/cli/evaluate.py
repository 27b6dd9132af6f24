"""`memos eval`: measure retrieval and answers on published dialogue sets."""

import contextlib
import itertools
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memos.cli.evaluate_model import Endpoint, Key, model_settings
from memos.cli.evaluate_updates import updates

if TYPE_CHECKING:
    from memos.evaluation.corpus import Corpus
    from memos.evaluation.subject import Added, Subject
    from memos.llms.base import LLM

app = typer.Typer(no_args_is_help=True, help="Measure what is remembered, on files you name.")
app.command()(updates)

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
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

Weights = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Set a weight of the ranking."),
]
Ablate = Annotated[
    list[str] | None,
    typer.Option(metavar="STAGE", help="Switch off a stage of the ranking, e.g. dense."),
]
NoSpeakers = Annotated[bool, typer.Option("--no-speakers", help="As --ablate speakers.")]
NoTimes = Annotated[bool, typer.Option("--no-times", help="As --ablate times.")]
RawDir = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="Raw answers and reports; go on there.")
]
Model = Annotated[str | None, typer.Option(help="Answering model; default MEMOS_LLM_MODEL.")]
JudgeModel = Annotated[str | None, typer.Option(help="Grading model; default the answering one.")]
JudgeEndpoint = Annotated[
    str | None, typer.Option(metavar="URL", help="Its endpoint; default the same.")
]
JudgeKey = Annotated[str | None, typer.Option(metavar="KEY", help="Its key; default the same.")]
NoTemperature = Annotated[
    bool, typer.Option("--no-temperature", help="For models that refuse a temperature.")
]
_LIST_LIMIT = 100
"""Most memories of a search, unless --k looks further."""


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
    weights: Weights = None,
    ablate: Ablate = None,
    no_speakers: NoSpeakers = False,
    no_times: NoTimes = False,
) -> None:
    """Add dialogues to a store of their own, ask their questions, and measure what comes back.

    No language model takes part, and nothing leaves the machine.
    """
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
        added = _add(subject, corpus, threads)
        report = measure(subject.changed(chosen), corpus, added, options, changed=changed)
    if out:
        _tell_files(write_retrieval(report, out))
    if as_json:
        _show_json(retrieval_json(report))
    else:
        typer.echo(retrieval_markdown(report))


@app.command()
def ablations(  # noqa: PLR0913, PLR0917 - one parameter per documented flag
    file: File,
    form: Form,
    stages: Annotated[
        list[str] | None,
        typer.Option("--stage", metavar="STAGE", help="Only these stages; default all."),
    ] = None,
    dialogues: Dialogues = None,
    k: Ks = "5,10,20,50",
    data_dir: KeptDir = None,
    seed: Seed = 7,
    threads: Threads = 1,
) -> None:
    """Switch off one stage of the ranking at a time and print what each is worth, as Markdown."""
    from memos.evaluation.ablation import ablate, ablation_markdown
    from memos.evaluation.retrieval import RetrievalOptions
    from memos.evaluation.stage import STAGES
    from memos.evaluation.subject import open_subject

    ranks = _numbers("--k", k)
    options = RetrievalOptions(k=ranks, tokens=(), limit=max(ranks), seed=seed, threads=threads)
    corpus = _corpus(form, file, dialogues)
    with _folder(data_dir) as folder, open_subject(folder, threads=threads) as subject:
        added = _add(subject, corpus, threads)
        found = []
        for variant in ablate(subject, corpus, added, options, stages=stages or list(STAGES)):
            typer.echo(f"measured {variant.name}", err=True)
            found.append(variant)
    typer.echo(ablation_markdown(found))


@app.command()
def qa(  # noqa: PLR0913, PLR0917 - one parameter per documented flag
    file: File,
    form: Form,
    out: RawDir,
    model: Model = None,
    base_url: Endpoint = None,
    api_key: Key = None,
    judge_model: JudgeModel = None,
    judge_base_url: JudgeEndpoint = None,
    judge_api_key: JudgeKey = None,
    dialogues: Dialogues = None,
    memories: Annotated[int, typer.Option(min=1, help="Most memories in a prompt.")] = 20,
    memory_tokens: Annotated[int, typer.Option(min=1, help="Room for them, in tokens.")] = 2000,
    concurrency: Annotated[int, typer.Option(min=1, help="Questions in work at once.")] = 4,
    no_temperature: NoTemperature = False,
    data_dir: KeptDir = None,
    seed: Seed = 7,
    threads: Threads = 1,
    as_json: Json = False,
) -> None:
    """Answer the questions with a model, from memories, and grade the answers with another.

    A stopped run goes on where it was when it is started again with the same --out.
    """
    from memos.evaluation.qa import QaOptions, QaRunner
    from memos.evaluation.qa_report import qa_json, qa_markdown, write_qa
    from memos.evaluation.subject import open_subject

    graded = (
        judge_model or model,
        judge_base_url or base_url,
        judge_api_key or (None if judge_base_url else api_key),
    )
    options = QaOptions(memories, memory_tokens, concurrency, None if no_temperature else 0.0)
    corpus = _corpus(form, file, dialogues)
    with (
        contextlib.closing(_model(model, base_url, api_key)) as answerer,
        contextlib.closing(_model(*graded)) as judge,
        _folder(data_dir) as folder,
        open_subject(folder, threads=threads) as subject,
    ):
        added = _add(subject, corpus, threads)
        runner = QaRunner(subject, answerer, judge, folder=out, options=options)
        run = runner.run(corpus, added, _counter("questions worked on"))
    _tell_files(write_qa(run, corpus.name, out, seed))
    if as_json:
        _show_json(qa_json(run, corpus.name, seed))
    else:
        typer.echo(qa_markdown(run, corpus.name, seed))


def _add(subject: "Subject", corpus: "Corpus", threads: int) -> "list[Added]":
    return subject.add(corpus.dialogues, threads, _counter("dialogues added"))


def _counter(what: str) -> Callable[[], None]:
    """Counts on a terminal, in place; says nothing in a pipe."""
    count = itertools.count(1)

    def step() -> None:
        if sys.stderr.isatty():
            typer.echo(f"\r{next(count)} {what}", err=True, nl=False)

    return step


def _tell_files(paths: list[Path]) -> None:
    for path in paths:
        typer.echo(f"wrote {path}", err=True)


def _show_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _model(name: str | None, base: str | None, key: str | None) -> "LLM":
    """The model of this name, endpoint and key; what is missing comes from the settings."""
    from memos.llms.factory import build_llm

    chosen = model_settings(name, base, key)
    return build_llm(
        chosen["llm_model"],
        api_base=chosen["llm_api_base"],
        api_key=chosen["llm_api_key"],
        timeout_s=chosen["llm_timeout_seconds"],
        max_retries=chosen["llm_max_retries"],
    )


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
