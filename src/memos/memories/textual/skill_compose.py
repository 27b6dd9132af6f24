"""Writing a skill from what a user said, without a model."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from memos.memories.textual.skill_evidence import Evidence
from memos.types.skill import Clue, ClueKind, Skill

RULES, MODEL = "mode:rules", "mode:model"
"""Tags that tell how a generated skill was written."""
_ENOUGH = 2
_ENOUGH_UNKNOWN = 3
_MOST_DESCRIBED = 3
_MOST_EXAMPLES = 2
_WISHES = frozenset({ClueKind.STEP, ClueKind.PREFERENCE, ClueKind.LESSON, ClueKind.TOOL})
_USER = re.compile(r"^(?:The user(?:'s)? (?=\w)|用户(?:的|也)?(?=\S))")


@dataclass(frozen=True, slots=True)
class Written:
    """A skill, and how it was written.

    Args:
        skill: the skill.
        confidence: 0..1.
        tag: `RULES` or `MODEL`.
    """

    skill: Skill
    confidence: float
    tag: str


def compose(evidence: Evidence, related: Sequence[Clue] = ()) -> Written | None:
    """The skill that the evidence carries by itself; None when it carries none.

    The procedure holds what the user asked to be done on the way, the tools that worked, and steps
    that came again; nothing is invented.

    Args:
        evidence: the tasks.
        related: preferences of the user told elsewhere that bear on it.
    """
    clues = evidence.standing()
    enough = _ENOUGH if evidence.topic else _ENOUGH_UNKNOWN
    wished = sum(clue.kind in _WISHES for clue in clues)
    again = any(clue.kind is ClueKind.SHOWN for clue in clues)
    if wished < enough and not (evidence.support >= _ENOUGH and (wished or again)):
        return None
    chinese = evidence.chinese
    preference = [plain_wish(c.text) for c in [*clues, *related] if c.kind is ClueKind.PREFERENCE]
    kinds = (ClueKind.STEP, ClueKind.TOOL, ClueKind.SHOWN)
    steps = [clue.text.rstrip("。.") for kind in kinds for clue in clues if clue.kind is kind]
    if not steps and preference:
        steps = [
            "按“用户偏好”里的要求完成任务" if chinese else "Do it as listed under User Preferences"
        ]
    lessons = [
        _lesson(clue.text, chinese=chinese) for clue in clues if clue.kind is ClueKind.LESSON
    ]
    skill = Skill(
        name=evidence.title,
        description=_description(evidence, [*preference, *steps]),
        procedure=tuple(dict.fromkeys(steps)),
        experience=tuple(dict.fromkeys(lessons)),
        preference=tuple(dict.fromkeys(preference)),
        examples=tuple(_examples(evidence)),
    )
    return Written(skill, min(0.8, 0.5 + 0.05 * evidence.support), RULES)


def plain_wish(text: str) -> str:
    """A wish without the user as its subject: `Prefers cultural attractions`."""
    plain = _USER.sub("", text).rstrip("。.")
    return plain[:1].upper() + plain[1:]


def _lesson(text: str, *, chinese: bool) -> str:
    return f"用户曾纠正：“{text}”" if chinese else f'The user corrected: "{text}"'


def _description(evidence: Evidence, wishes: Sequence[str]) -> str:
    told = list(dict.fromkeys(wishes))[:_MOST_DESCRIBED]
    if evidence.chinese:
        return f"按该用户的习惯完成“{evidence.title}”：{'；'.join(told)}。"
    name = evidence.title
    lowered = name.lower() if evidence.topic else name
    return f"How this user wants {lowered} to be done: {'; '.join(told)}."


def _examples(evidence: Evidence) -> list[str]:
    goals = dict.fromkeys(run.goal for run in reversed(evidence.runs))
    label = "用户：" if evidence.chinese else "User: "
    return [label + goal for goal in list(goals)[:_MOST_EXAMPLES]]
