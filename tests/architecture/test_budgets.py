"""Sizes that keep the house readable; raising one needs an ADR."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "memos"
# A migration is written once, lists tables, and is never changed.
FILES = sorted(p for p in SOURCE.rglob("*.py") if "versions" not in p.parts)
MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 50
MAX_PARAMETERS = 6
MAX_POSITIONAL = 4


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        lines -= (first.end_lineno or 0) - first.lineno + 1
    return lines


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_file_stays_within_its_budget(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_FILE_LINES


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_functions_stay_within_their_budget(path: Path) -> None:
    too_long = {
        f.name: body_lines(f) for f in functions(path) if body_lines(f) > MAX_FUNCTION_LINES
    }
    assert not too_long


# The wire's own parameter lists are long by documentation (the SDK's methods mirror them), and
# command-line functions have one parameter per documented flag.
WIRE_SHAPED = ("api/_async/", "api/_sync/", "api/mcp_serve/memory_tools.py", "cli/")


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_functions_take_few_parameters(path: Path) -> None:
    name = str(path.relative_to(SOURCE))
    if name.startswith(WIRE_SHAPED):
        pytest.skip("wire-shaped")
    too_many = {}
    for f in functions(path):
        positional = [a for a in f.args.args + f.args.posonlyargs if a.arg not in {"self", "cls"}]
        if (
            len(positional) > MAX_POSITIONAL
            or len(positional) + len(f.args.kwonlyargs) > MAX_PARAMETERS
        ):
            too_many[f.name] = len(positional) + len(f.args.kwonlyargs)
    assert not too_many
