"""Write the terminal pictures of docs/ by running the commands against a fresh server.

Run without arguments; it needs nothing but the installed package. Times and ids of the output are
replaced by fixed ones, so that a picture changes only when a command does.
"""

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402 - after the path is set
from rich.terminal_theme import MONOKAI  # noqa: E402
from rich.text import Text  # noqa: E402
from tests.e2e.cli_process import MEMOS, environment, serve  # noqa: E402

DOCS = ROOT / "docs"
WIDTH = 92
TEXTS = (
    "I prefer Python for data analysis and often use pandas.",
    "I moved to Lisbon in May.",
    "我的猫叫豆包。",
)
PICTURES = {
    "cli-help.svg": [("--help",)],
    "cli-search.svg": [
        ("add", "I keep my green kayak in the garage.", "--wait"),
        ("search", "Where is the kayak?", "--limit", "1"),
        ("search", "我的猫叫什么?", "--limit", "1", "--format", "markdown"),
    ],
    "cli-table.svg": [("get", "--format", "table")],
    "cli-init.svg": [("init", "--agent", "claude")],
}
# As Rich draws it, without the fonts it would load from elsewhere.
FRAME = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, monospace; font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
FIXED = (
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "2026-03-04 10:15:00"),
    (
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "5b1f0c9e-2f77-4c1a-9c55-0d5a2f3e8b41",
    ),
    (r"http://127\.0\.0\.1:\d+", "http://127.0.0.1:8000"),
)


def main() -> None:
    """Run every command and write its picture."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        with serve(Path(folder) / "data") as server:
            names = environment(
                HOME=str(home),
                MEMOS_API_KEY=server.first_key or "",
                MEMOS_BASE_URL=server.base_url,
                COLUMNS=str(WIDTH),
                TERM="xterm-256color",
                FORCE_COLOR="1",
            )
            for text in TEXTS:
                run(names, "add", text, "--wait")
            for picture, commands in PICTURES.items():
                draw(DOCS / picture, [(words, run(names, *words)) for words in commands], home)


def run(names: dict[str, str], *words: str) -> str:
    """What a command prints on a terminal."""
    done = subprocess.run(
        [MEMOS, *words], env=names, capture_output=True, text=True, check=True, cwd=os.sep
    )
    return done.stdout


def draw(path: Path, shown: list[tuple[tuple[str, ...], str]], home: Path) -> None:
    """Write one picture of commands and what they printed."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    for words, output in shown:
        line = " ".join(
            f'"{word}"' if " " in word or not word.isascii() else word for word in words
        )
        console.print(Text(f"$ memos {line}", style="bold green"))
        text = output.replace(str(home), "~").rstrip()
        for pattern, fixed in FIXED:
            text = re.sub(pattern, fixed, text)
        console.print(Text.from_ansi(text))
    svg = console.export_svg(
        title="memos", theme=MONOKAI, code_format=FRAME, unique_id=path.stem.replace("-", "")
    )
    path.write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")
    print(f"{path.relative_to(ROOT)}: {len(svg) // 1024} KB")


if __name__ == "__main__":
    main()
