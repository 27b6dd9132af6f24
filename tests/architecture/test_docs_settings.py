"""The page of settings is generated, complete and harmless."""

import re
import subprocess
import sys
from pathlib import Path

from memos.configs.names import NOT_NEEDED
from memos.configs.settings import Settings, describe_fields

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "configuration.md"
MOST_SETTINGS = 70  # docs/adr/0011-up-to-seventy-settings.md


def test_generated_pages_are_up_to_date() -> None:
    script = ROOT / "scripts" / "generate_docs.py"
    done = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_setting_and_every_accepted_name_is_on_the_page() -> None:
    listed = set(
        re.findall(r"^\| `([A-Z0-9_]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert listed == {row.env for row in describe_fields()} | set(NOT_NEEDED)


def test_every_setting_has_help_and_a_section() -> None:
    assert [r.name for r in describe_fields() if not (r.help.endswith(".") and r.section)] == []


def test_the_page_names_nothing_of_the_machine_it_was_made_on() -> None:
    assert str(Path.home()) not in PAGE.read_text(encoding="utf-8")


def test_settings_stay_few() -> None:
    assert len(Settings.model_fields) <= MOST_SETTINGS
