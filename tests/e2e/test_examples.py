"""The examples run as they are: without a model, and with one that is scripted."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripted_model import Request, reply, scripted_model
from tests.e2e.cli_process import environment

EXAMPLES = Path(__file__).parents[2] / "examples"
KNOWN = {
    "writing_assistant.py": ("Dear friends", "three bullet points"),
    "home_assistant.py": ("aquarium", "Ines hates ironing", "three key points"),
    "financial_assistant.py": ("low-risk bond funds", "does not want to take much risk"),
    "knowledge_assistant.py": ("vpn-intel 4.2", "Intel processor", "within 30 days"),
}


def play(name: str, *arguments: str, **extra: str) -> str:
    """What an example prints."""
    done = subprocess.run(
        [sys.executable, name, *arguments],
        cwd=EXAMPLES,
        env=environment(**extra),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_example_is_told_of_and_tried() -> None:
    files = {path.name for path in EXAMPLES.glob("*_assistant.py")}
    told = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert files == set(KNOWN) == set(re.findall(r"\]\((\w+_assistant\.py)\)", told))


def test_a_model_answers_with_what_is_remembered() -> None:
    asked: list[str] = []

    def answer(request: Request) -> object:
        asked.append(request.body["messages"][0]["content"])
        return reply("Gladly, dear friends.")

    with scripted_model() as model:
        model.fallback = answer  # type: ignore[assignment]
        printed = play("writing_assistant.py", OPENAI_API_BASE=model.url)
    assert printed.count("assistant: Gladly, dear friends.") == len(asked) == 2
    assert "Dear friends" in asked[0]
    assert "three bullet points" in asked[1]


@pytest.mark.parametrize("name", KNOWN)
def test_it_runs_without_a_model_and_shows_what_it_would_tell_one(name: str) -> None:
    printed = play(name)
    shown = " ".join(
        line for line in printed.splitlines() if re.match(r" +(remembered|prefers):", line)
    )
    assert "assistant: [No model connected]" in printed
    for words in KNOWN[name]:
        assert words in shown


def test_the_home_assistant_speaks_chinese() -> None:
    printed = play("home_assistant.py", "--language", "zh")
    assert "水族馆" in printed.partition("Later")[2]
    assert "三个要点" in printed.partition("Later")[2]
