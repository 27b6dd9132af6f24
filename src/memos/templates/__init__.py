"""Prompts as Markdown files, so that no prompt text sits in Python."""

from functools import cache
from importlib import resources


@cache
def load(name: str) -> str:
    """Text of the template `<name>.md`.

    Args:
        name: file name without `.md`.

    Raises:
        FileNotFoundError: there is no such template; the name is a mistake in the code.
    """
    return resources.files(__name__).joinpath(f"{name}.md").read_text(encoding="utf-8")
