"""The public types say what the SDK returns."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_program_against_the_sdk_type_checks(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--cache-dir", str(tmp_path)]
    sample = str(ROOT / "tests" / "typing" / "sdk_sample.py")
    checked = subprocess.run(
        [*command, "--follow-imports=silent", sample],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(ROOT / "src")},
        check=False,
    )
    assert checked.stdout + checked.stderr == ""
