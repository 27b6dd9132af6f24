"""`memos init` and `memos uninstall`: what they write, and that they take exactly that out again."""

from pathlib import Path

import pytest

from memos.cli.agent_places import AGENTS, AgentName
from tests.e2e.cli_process import memos, serve

DOCUMENTED = {
    "codex": ".codex/skills/memos/SKILL.md",
    "cursor": ".cursor/skills/memos/SKILL.md",
    "claude": ".claude/skills/memos/SKILL.md",
    "openclaw": ".openclaw/skills/memos/SKILL.md",
    "hermes": ".hermes/skills/memos/SKILL.md",
    "trae": ".trae/skills/memos/SKILL.md",
    "trae-cn": ".trae-cn/skills/memos/SKILL.md",
    "opencode": ".config/opencode/skills/memos/SKILL.md",
    "antigravity": ".gemini/antigravity/skills/memos/SKILL.md",
    "workbuddy": ".workbuddy/skills/memos/SKILL.md",
    "cline": ".cline/skills/memos/SKILL.md",
    "copilot": ".copilot/skills/memos/SKILL.md",
}
NOWHERE = "http://127.0.0.1:9/api/openmem/v1"


def tree(home: Path) -> dict[str, bytes]:
    """Every file below the home folder, and every folder, but MemOS' own."""
    return {
        str(path.relative_to(home)): path.read_bytes() if path.is_file() else b""
        for path in home.rglob("*")
        if ".memos" not in path.parts
    }


def test_every_documented_agent_is_known() -> None:
    assert list(AGENTS) == [name.value for name in AgentName] == list(DOCUMENTED)


def test_every_agent_gets_its_skill_and_gives_it_back(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    for agent, place in DOCUMENTED.items():
        before = tree(tmp_path)
        given = memos("init", "--agent", agent, "--base-url", NOWHERE, "-k", "mpg-x", **home)
        assert given.returncode == 0, given.stderr
        assert f"no server answers at {NOWHERE}. Start one with `memos serve`" in given.stderr
        skill = (tmp_path / place).read_text(encoding="utf-8")
        assert skill.startswith("---\nname: memos\ndescription: ")
        for command in ("memos search", "memos add", "memos feedback", "memos delete"):
            assert command in skill
        new = {path: text for path, text in tree(tmp_path).items() if path not in before}
        told = [path for path, text in new.items() if b"memos:begin" in text]
        assert len(told) == (AGENTS[agent].guidance is not None)
        assert bool(told) != ("paste this into its rules" in given.stdout)
    taken = memos("uninstall", **home)
    assert taken.returncode == 0, taken.stderr
    assert tree(tmp_path) == {}


GUIDED = {
    "claude": (".claude/CLAUDE.md", b"Use tabs.\r\n\xe4\xbd\xa0"),
    "codex": (".codex/AGENTS.md", b"a\n\n\n"),
    "antigravity": (".gemini/GEMINI.md", b""),
}


def test_other_peoples_files_are_the_same_byte_for_byte_afterwards(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    for place, own in GUIDED.values():
        (tmp_path / place).parent.mkdir()
        (tmp_path / place).write_bytes(own)
    (tmp_path / ".codex/skills/mine").mkdir(parents=True)
    before = tree(tmp_path)
    for agent in (*GUIDED, "codex"):
        memos("init", "--agent", agent, "--base-url", NOWHERE, **home)
    once = tree(tmp_path)
    for place, own in GUIDED.values():
        assert once[place].startswith(own)
        assert once[place].count(b"memos:begin") == 1
    memos("init", "--agent", "claude", "--memos-plugin", **home)
    assert b"plugin" in tree(tmp_path)[".claude/CLAUDE.md"]
    memos("init", "--agent", "claude", **home)
    assert tree(tmp_path) == once
    memos("uninstall", "--agent", "codex", **home)
    assert b"memos:begin" in tree(tmp_path)[".claude/CLAUDE.md"]
    memos("uninstall", **home)
    assert tree(tmp_path) == before
    assert memos("uninstall", **home).stdout == "Nothing is installed.\n"


def test_what_somebody_wrote_meanwhile_stays(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    skill = tmp_path / DOCUMENTED["claude"]
    skill.parent.mkdir(parents=True)
    skill.write_text("mine", encoding="utf-8")
    for agent in ("claude", "codex"):
        memos("init", "--agent", agent, "--base-url", NOWHERE, **home)
    changed = tmp_path / DOCUMENTED["codex"]
    changed.write_text("edited by hand", encoding="utf-8")
    notes = tmp_path / GUIDED["codex"][0]
    notes.write_text(notes.read_text(encoding="utf-8") + "\nadded later\n", encoding="utf-8")
    taken = memos("uninstall", **home)
    assert skill.read_text(encoding="utf-8") == "mine"
    assert changed.read_text(encoding="utf-8") == "edited by hand"
    assert "was changed since; it stays" in taken.stderr
    assert notes.read_text(encoding="utf-8") == "\nadded later\n"


def test_the_server_is_asked_whether_it_knows_the_key(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path / "home")}
    with serve(tmp_path / "data") as server:
        place = ("--agent", "cursor", "--base-url", server.base_url)
        refused = memos("init", *place, "--api-key", "mpg-wrong", **home)
        assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
        assert not (tmp_path / "home").exists()
        key = server.first_key or ""
        fine = memos("init", *place, "-k", key, "--user-id", "ida", **home)
        assert f"the server at {server.base_url} answers to the key" in fine.stdout
        assert key not in fine.stdout + fine.stderr
        assert fine.stderr == ""
        assert memos("get", **home).returncode == 0
        assert memos("config", "get", "defaults.user_id", **home).stdout == "ida\n"
    again = memos("init", "--agent", "cursor", **home)
    assert "no server answers" in again.stderr


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("init",), 2, "Missing option '--agent'"),
        (("init", "--agent", "emacs"), 2, "'emacs' is not one of 'codex', 'cursor'"),
        (("init", "--agent", "cursor", "--base-url", "localhost"), 1, "must start with http"),
        (("uninstall", "--agent", "cursor"), 1, "nothing was installed for cursor"),
    ],
)
def test_what_cannot_be_installed_is_a_one_line_reason(
    words: tuple[str, ...], code: int, reason: str, tmp_path: Path
) -> None:
    done = memos(*words, HOME=str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (code, 1)
    assert reason in done.stderr
    assert tree(tmp_path) == {}


def test_folders_that_an_agent_was_told_to_use_are_used(tmp_path: Path) -> None:
    memos("init", "--agent", "codex", HOME=str(tmp_path), CODEX_HOME=str(tmp_path / "c"))
    assert (tmp_path / "c/skills/memos/SKILL.md").is_file()
    (tmp_path / ".codebuddy").mkdir()
    memos("init", "--agent", "workbuddy", HOME=str(tmp_path))
    assert (tmp_path / ".codebuddy/skills/memos/SKILL.md").is_file()
