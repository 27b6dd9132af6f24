"""Where each agent looks for skills and for standing instructions.

Places are those the agents document for the user's own folder, so that one installation serves all
projects. An agent without a documented file for standing instructions gets the skill alone; the
command then prints the text to paste into its settings.
"""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from memos.configs.environment import agent_home


class AgentName(str, Enum):
    """The documented values of `--agent`."""

    CODEX = "codex"
    CURSOR = "cursor"
    CLAUDE = "claude"
    OPENCLAW = "openclaw"
    HERMES = "hermes"
    TRAE = "trae"
    TRAE_CN = "trae-cn"
    OPENCODE = "opencode"
    ANTIGRAVITY = "antigravity"
    WORKBUDDY = "workbuddy"
    CLINE = "cline"
    COPILOT = "copilot"


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent.

    Args:
        name: value of `--agent`.
        title: name for people.
        homes: folders below the home folder it may keep its files in; the first that exists is
            taken, else the first.
        skills: folder of skills, below that.
        guidance: file of standing instructions, below that; None when there is none.
        variable: environment name that moves its folder.
        guidance_in_home: the file is below the home folder instead.
    """

    name: str
    title: str
    homes: tuple[str, ...]
    skills: str = "skills"
    guidance: str | None = None
    variable: str | None = None
    guidance_in_home: bool = False

    def folder(self) -> Path:
        """The agent's own folder; it need not exist."""
        moved = agent_home(self.variable) if self.variable else None
        if moved:
            return Path(moved).expanduser()
        places = [Path.home() / name for name in self.homes]
        return next((place for place in places if place.is_dir()), places[0])

    def skill_file(self) -> Path:
        """The skill's file."""
        return self.folder() / self.skills / "memos" / "SKILL.md"

    def guidance_file(self) -> Path | None:
        """The file of standing instructions, which may hold other people's text as well."""
        if self.guidance is None:
            return None
        return (Path.home() if self.guidance_in_home else self.folder()) / self.guidance


AGENTS = {
    agent.name: agent
    for agent in (
        Agent("codex", "Codex CLI", (".codex",), guidance="AGENTS.md", variable="CODEX_HOME"),
        Agent("cursor", "Cursor", (".cursor",)),
        Agent(
            "claude",
            "Claude Code",
            (".claude",),
            guidance="CLAUDE.md",
            variable="CLAUDE_CONFIG_DIR",
        ),
        Agent("openclaw", "OpenClaw", (".openclaw",), guidance="workspace/AGENTS.md"),
        Agent("hermes", "Hermes", (".hermes",), variable="HERMES_HOME"),
        Agent("trae", "Trae", (".trae",)),
        Agent("trae-cn", "Trae (China)", (".trae-cn",)),
        Agent("opencode", "OpenCode", (".config/opencode",), guidance="AGENTS.md"),
        Agent(
            "antigravity",
            "Antigravity",
            (".gemini",),
            skills="antigravity/skills",
            guidance="GEMINI.md",
        ),
        Agent("workbuddy", "CodeBuddy", (".workbuddy", ".codebuddy")),
        Agent(
            "cline",
            "Cline",
            (".cline",),
            guidance="Documents/Cline/Rules/memos.md",
            guidance_in_home=True,
        ),
        Agent("copilot", "GitHub Copilot", (".copilot",), guidance="copilot-instructions.md"),
    )
}
"""The documented agents, in their documented order."""
