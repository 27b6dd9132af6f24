"""Puts the memory skill and the guidance block into an agent's files, and takes them out again.

What was written is noted in `~/.memos/agents.json`, so that taking out removes exactly that: a
file someone changed meanwhile is left, and so is every byte around the block.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from memos.errors import ConfigError

BEGIN = "<!-- memos:begin (written by `memos init`; `memos uninstall` removes it) -->"
END = "<!-- memos:end -->"


@dataclass(slots=True)
class Installed:
    """What was written for one agent.

    Args:
        skill: the skill's file.
        digest: SHA-256 of what was written into it.
        guidance: the file with the block, when there is one.
        block: the text put there, with the line ends before and after it.
        folders: folders that were made, deepest first.
        made_guidance: the file with the block did not exist before.
        before: what stood in the skill's file before, when it was somebody else's.
    """

    skill: str
    digest: str
    guidance: str | None = None
    block: str = ""
    folders: list[str] = field(default_factory=list)
    made_guidance: bool = False
    before: str | None = None


def install(
    skill: tuple[Path, str], guidance: tuple[Path, str] | None, earlier: Installed | None
) -> Installed:
    """Write both files. Doing it again replaces what an earlier time wrote.

    Args:
        skill: file of the skill and its text.
        guidance: file of standing instructions and the text of the block; None for no block.
        earlier: what an earlier time wrote for this agent.
    """
    path, text = skill
    there = _read(path)
    folders = _make_folders(path.parent)
    _write(path, text)
    done = Installed(str(path), _digest(text), folders=folders, before=there)
    if earlier is not None and earlier.skill == done.skill:
        done.before = earlier.before
    if guidance is not None:
        _put_block(done, guidance, earlier)
    folders = [*done.folders, *(earlier.folders if earlier is not None else ())]
    done.folders = sorted(set(folders), key=len, reverse=True)
    return done


def remove(done: Installed) -> tuple[list[str], list[str]]:
    """Take out what was written.

    Returns:
        Paths of what was removed, and sentences about what was left.
    """
    removed, left = _remove_skill(done)
    if done.guidance is not None:
        path = Path(done.guidance)
        text = _read(path)
        if text is None or done.block not in text:
            left.append(f"{path} no longer holds the block as it was written; look yourself")
        else:
            rest = text.replace(done.block, "", 1)
            if done.made_guidance and not rest.strip():
                path.unlink()
            else:
                _write(path, rest)
            removed.append(f"{path} (its block)")
    for folder in done.folders:
        path = Path(folder)
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    return removed, left


def _remove_skill(done: Installed) -> tuple[list[str], list[str]]:
    skill = Path(done.skill)
    text = _read(skill)
    if text is None:
        return [], [f"{skill} is not there any more"]
    if _digest(text) != done.digest:
        return [], [f"{skill} was changed since; it stays, delete it yourself"]
    if done.before is not None:
        _write(skill, done.before)
        return [f"{skill} (what stood there before is back)"], []
    skill.unlink()
    return [str(skill)], []


def _put_block(done: Installed, guidance: tuple[Path, str], earlier: Installed | None) -> None:
    """Put the block at the end of a file, or in the place of an earlier one, and note it."""
    path, words = guidance
    block = f"{BEGIN}\n{words.strip()}\n{END}"
    done.folders += _make_folders(path.parent)
    text = _read(path)
    done.guidance, done.made_guidance = str(path), text is None
    text = text or ""
    start, end = text.find(BEGIN), text.find(END)
    if not 0 <= start < end:
        before = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        done.block = f"{before}{block}\n"
        _write(path, text + done.block)
        return
    done.block = block
    if earlier is not None and earlier.guidance == done.guidance and earlier.block in text:
        # The line ends around the earlier block were ours too.
        first, last = earlier.block.find(BEGIN), earlier.block.find(END) + len(END)
        done.block = earlier.block[:first] + block + earlier.block[last:]
        done.made_guidance = earlier.made_guidance
    _write(path, text[:start] + block + text[end + len(END) :])


def _make_folders(folder: Path) -> list[str]:
    """Make a folder with those above it; the ones that were made, deepest first."""
    missing = [f for f in (folder, *folder.parents) if not f.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return [str(f) for f in missing]


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text; nothing was changed in it") from error


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8"))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


class Ledger:
    """The note of what was written for which agent."""

    def __init__(self) -> None:
        self._path = Path.home() / ".memos" / "agents.json"

    def read(self) -> dict[str, Installed]:
        """What is installed, by agent.

        Raises:
            ConfigError: the note cannot be read.
        """
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            return {name: Installed(**entry) for name, entry in content.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, AttributeError) as error:
            raise ConfigError(f"{self._path} cannot be read; repair or remove it") from error

    def note(self, agent: str, done: Installed) -> None:
        """Note an installation."""
        entries = self.read()
        entries[agent] = done
        self._write(entries)

    def forget(self, agent: str) -> None:
        """Drop the note of an agent."""
        entries = self.read()
        entries.pop(agent, None)
        self._write(entries)

    def _write(self, entries: Mapping[str, Installed]) -> None:
        if not entries:
            self._path.unlink(missing_ok=True)
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        content: dict[str, Any] = {
            name: {key: getattr(done, key) for key in Installed.__annotations__}
            for name, done in entries.items()
        }
        _write(self._path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
