"""The pages for people keep up with the code."""

import re
from pathlib import Path

import pytest

from memos.cli.docs import cli_page
from memos.configs.names import CLIENT_NAMES
from memos.configs.settings import Settings, env_name

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_command_line_page_is_what_the_commands_say():
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")

    assert written == cli_page(), "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)\s]+)\)", text)

    missing = [
        link
        for link in links
        if not link.startswith(("http://", "https://", "#", "mailto:"))
        and not (page.parent / link.split("#")[0]).exists()
    ]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_settings_named_in_a_page_exist(page: Path):
    named = set(re.findall(r"\bMEMOS_[A-Z_]*[A-Z]\b", page.read_text(encoding="utf-8")))
    known = {env_name(name) for name in Settings.model_fields}

    assert page.name == "configuration.md" or named <= known | CLIENT_NAMES


def test_every_page_is_in_the_index():
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"}

    assert {name for name in pages if f"({name})" not in index} == set()


@pytest.mark.parametrize("picture", sorted((ROOT / "docs").glob("cli-*.svg")), ids=lambda p: p.name)
def test_pictures_of_the_command_line_are_small_and_load_nothing(picture: Path):
    text = picture.read_text(encoding="utf-8")

    assert len(text) < 64_000
    assert set(re.findall(r"https?://[\w.:/-]+", text)) <= {
        "http://www.w3.org/2000/svg",
        "http://127.0.0.1:8000/api/openmem/v1",
    }
    assert f"({picture.name})" in (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
