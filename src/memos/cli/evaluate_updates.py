"""`memos eval updates`: does memory stay true when states change."""

import contextlib
import functools
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from memos.cli.evaluate_model import Endpoint, Key, model_settings


def updates(  # noqa: PLR0913, PLR0917 - one parameter per documented flag
    chains: Annotated[int, typer.Option(min=1, help="Number of users, one state each.")] = 120,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 7,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            "--data-dir",
            metavar="DIR",
            help="Keep what is added here and use it again; default a folder that is removed.",
        ),
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="Users added at once.")] = 1,
    cascades: Annotated[
        int, typer.Option(min=1, help="Users whose change reaches what depends on it.")
    ] = 48,
    model: Annotated[
        str | None, typer.Option(help="Model that reads and relates; default none, the rules do.")
    ] = None,
    base_url: Endpoint = None,
    api_key: Key = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell made-up users' changing states to a store of its own, and ask what holds and what held.

    Without --model no language model takes part, and nothing leaves the machine.
    """
    from memos.evaluation import updates as generated
    from memos.evaluation.cascade import cascade_accuracy, cases
    from memos.evaluation.subject import open_subject
    from memos.evaluation.updates_score import groups, measure, updates_json, updates_markdown

    made = generated.chains(chains, seed)
    chosen = model_settings(model, base_url, api_key) if model else None
    opened = functools.partial(open_subject, threads=threads, model=chosen)
    with _folder(data_dir) as folder, opened(folder) as subject:
        found = groups(measure(subject, made, threads))
        reached = cascade_accuracy(subject, cases(cascades, seed), threads)
    if as_json:
        shares = {name: round(share, 5) for name, share in reached.items()}
        typer.echo(json.dumps({**updates_json(found), "cascade": shares}, indent=2))
        return
    typer.echo(updates_markdown(found))
    listed = ", ".join(f"{name} {share:.3f}" for name, share in reached.items())
    typer.echo(f"cascade: {listed}")


@contextlib.contextmanager
def _folder(data_dir: Path | None) -> Iterator[Path]:
    if data_dir is not None:
        yield data_dir
        return
    with tempfile.TemporaryDirectory(prefix="memos-eval-") as folder:
        yield Path(folder)
