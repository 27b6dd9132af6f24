"""`memos models`: whether the configured models answer, and the constants of an embedder."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memos.cli.console import Format, show_rows
from memos.cli.options import DataDir, EnvFile, OutputFormat
from memos.errors import MemosError

if TYPE_CHECKING:
    from memos.cli.calibration import Material
    from memos.embedders.base import Embedder

app = typer.Typer(no_args_is_help=True, help="Check models, and fit their constants.")


@app.command("test")
def check(
    form: OutputFormat = Format.TABLE, data_dir: DataDir = None, env_file: EnvFile = None
) -> None:
    """Call every configured model once and say what to mend. Fails when one does not answer."""
    from memos.cli.model_check import checks
    from memos.configs.settings import load_settings
    from memos.types.clock import SystemClock

    settings = load_settings({"data_dir": data_dir}, env_file).settings
    rows = []
    for check in checks(settings, SystemClock()):
        started = time.perf_counter()
        try:
            remark, good = check.run(), True
        except MemosError as error:
            remark, good = f"{error.message}. Look at {check.advice}", False
        took_ms = round((time.perf_counter() - started) * 1000)
        rows.append((check.role, check.model, "ok" if good else "failed", took_ms, remark))
    show_rows("Models", ("role", "model", "result", "ms", "remark"), rows, form)
    if any(row[2] == "failed" for row in rows):
        raise typer.Exit(1)


@app.command()
def calibrate(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help="Lines of text, JSON lines (`query` and `passage`, or `text`), or a LoCoMo file;"
            " default the messages in the store.",
        ),
    ] = None,
    *,
    project: Annotated[
        str | None,
        typer.Option(metavar="PROJECT", help="Without a file: only this project's messages."),
    ] = None,
    most: Annotated[
        int, typer.Option("--most", min=20, help="Most texts and most questions used.")
    ] = 500,
    seed: Annotated[int, typer.Option(help="Of samples.")] = 7,
    data_dir: DataDir = None,
    env_file: EnvFile = None,
) -> None:
    """Measure the two constants of the configured embedder on text at hand.

    Prints the settings to put them in, and nothing else, on standard output: the cosine of
    unrelated texts, and the weight of the cosine. The weight is fitted when the file holds
    questions with their passages, by recall@10 of the product's own search; without them it comes
    from built-in pairs. The texts go to the configured embedder and nowhere else.
    """
    from memos.cli.calibration import read_material
    from memos.configs.settings import load_settings
    from memos.mem_os.models import configured_embedder
    from memos.types.clock import SystemClock

    settings = load_settings({"data_dir": data_dir}, env_file).settings
    material = read_material(file, most, seed) if file else _stored(data_dir, project, most, seed)
    embedder = configured_embedder(settings, SystemClock())
    try:
        mean_cosine, weight = _fit(embedder, material, most, seed)
    finally:
        embedder.close()
    typer.echo(f"MEMOS_EMBEDDER_MEAN_COSINE={mean_cosine:.3f}")
    typer.echo(f"MEMOS_EMBEDDER_DENSE_WEIGHT={weight:.2f}")


def _stored(data_dir: Path | None, project: str | None, most: int, seed: int) -> "Material":
    from memos.cli.calibration import stored_material
    from memos.cli.stores import open_stores

    with open_stores(data_dir) as stores:
        return stored_material(stores, project, most, seed)


def _fit(embedder: "Embedder", material: "Material", most: int, seed: int) -> tuple[float, float]:
    """Mean cosine and weight; says on standard error where they come from."""
    from memos.cli.weight_search import FACTORS, WeightedEmbedder, choose, try_weights
    from memos.embedders.calibrate import calibrate as calibrate_pairs
    from memos.embedders.fit import FEWEST, mean_cosine, mean_cosine_of_pairs

    paired = len(material.pairs) >= FEWEST
    _tell(f"{len(material.texts)} texts and {len(material.pairs)} pairs from {material.source}")
    mean = (
        mean_cosine_of_pairs(embedder, material.pairs)
        if paired
        else mean_cosine(embedder, material.texts)
    )
    _, start = calibrate_pairs(embedder)
    if not paired or material.corpus is None:
        _tell(f"weight {start:.2f} from built-in pairs; questions with passages would fit it")
        return mean, start
    _tell(f"trying {len(FACTORS)} weights around {start:.2f}, which came from built-in pairs")
    weighted = WeightedEmbedder(embedder, mean, start)
    tried = try_weights(weighted, material.corpus, most=most, seed=seed, on_done=lambda: None)
    chosen, better = choose(tried, start)
    for each in tried:
        mark = " <" if each is chosen else ""
        _tell(f"  weight {each.weight:6.2f}  recall@10 {each.recall:.3f}{mark}")
    if not better:
        _tell("no weight is better than the built-in one by more than chance")
    return mean, chosen.weight


def _tell(text: str) -> None:
    typer.echo(text, err=True)
