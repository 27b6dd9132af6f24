"""A skill as a Markdown file: front matter with name and description, then sections."""

import re

from memos.errors import DocumentError
from memos.types.language import is_chinese
from memos.types.skill import Skill

LONGEST_NAME = 200
LONGEST_DESCRIPTION = 2000
_FRONT = re.compile(r"\s*---[ \t]*\r?\n(.*?)(?:^|\n)---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_ENTRY = re.compile(r"(?P<key>[A-Za-z_][\w -]*?)[ \t]*:(?:[ \t]+(?P<value>.*)|[ \t]*)")
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_ITEM = re.compile(r"^[ \t]{0,3}(?:[-*+•]|\d{1,3}[.)、])[ \t]*(?=\S)", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*(```|~~~)", re.MULTILINE)
_SECTIONS = {
    "procedure": "procedure",
    "procedures": "procedure",
    "steps": "procedure",
    "workflow": "procedure",
    "步骤": "procedure",
    "流程": "procedure",
    "操作步骤": "procedure",
    "执行步骤": "procedure",
    "experience": "experience",
    "experiences": "experience",
    "经验": "experience",
    "经验总结": "experience",
    "注意事项": "experience",
    "user preferences": "preference",
    "user preference": "preference",
    "preferences": "preference",
    "用户偏好": "preference",
    "偏好": "preference",
    "examples": "examples",
    "example": "examples",
    "示例": "examples",
    "案例": "examples",
    "additional information": "additional",
    "附加信息": "additional",
    "补充信息": "additional",
}
_TITLES = {
    False: ("Procedure", "Experience", "User Preferences", "Examples", "Additional Information"),
    True: ("步骤", "经验", "用户偏好", "示例", "附加信息"),
}


def parse_skill(text: str) -> Skill:
    """The skill of a `SKILL.md`.

    Sections with other headings than the documented ones are kept as additional information; a
    body without any known section is the procedure.

    Raises:
        DocumentError: there is no front matter, or it lacks `name` or `description` (50107).
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    front = _FRONT.match(text)
    if front is None:
        raise DocumentError(
            "a skill file must begin with a front matter between two lines of ---, "
            "holding name and description"
        )
    entries = _entries(front[1])
    name, description = (" ".join(entries.get(k, "").split()) for k in ("name", "description"))
    for key, value, longest in (
        ("name", name, LONGEST_NAME),
        ("description", description, LONGEST_DESCRIPTION),
    ):
        if not value:
            raise DocumentError(f"the front matter of the skill file has no {key}")
        if len(value) > longest:
            raise DocumentError(f"{key} of the skill file is longer than {longest} characters")
    return _with_sections(name, description, text[front.end() :])


def skill_markdown(skill: Skill) -> str:
    """The skill as a file in the documented form; `parse_skill` reads it back."""
    titles = _TITLES[is_chinese(f"{skill.name} {skill.description}")]
    parts = [f"---\nname: {_quoted(skill.name)}\ndescription: {_quoted(skill.description)}\n---"]
    numbered = "\n".join(f"{n}. {step}" for n, step in enumerate(skill.procedure, start=1))
    lists = (
        "\n".join(f"- {line}" for line in lines) for lines in (skill.experience, skill.preference)
    )
    examples = "\n\n".join(skill.examples)
    bodies = (numbered, *lists, examples, skill.additional)
    parts += [f"## {t}\n{body}" for t, body in zip(titles, bodies, strict=True) if body]
    return "\n\n".join(parts) + "\n"


def _entries(front: str) -> dict[str, str]:
    """Top-level keys of the front matter; values may be quoted, folded, or a block."""
    found: dict[str, str] = {}
    lines = front.split("\n")
    at = 0
    while at < len(lines):
        match = _ENTRY.fullmatch(lines[at].rstrip())
        at += 1
        if match is None:
            continue
        more = []
        while at < len(lines) and (lines[at][:1] in " \t" or not lines[at].strip()):
            more.append(lines[at].strip())
            at += 1
        found.setdefault(match["key"].strip().lower(), _value(match["value"] or "", more))
    return found


def _value(first: str, more: list[str]) -> str:
    first = first.strip()
    if re.fullmatch(r"[|>][+-]?\d?", first):
        first = ""
    text = " ".join([first, *more]).strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    if len(text) >= 2 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return text


def _quoted(text: str) -> str:
    """A value of the front matter, in quotes where plain text would be read as something else."""
    plain = re.fullmatch(r"[^\s\"'#&*!|>%@`{}\[\],:?-][^\"#]*", text) and ": " not in text
    if plain and not text.endswith((":", " ")):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _with_sections(name: str, description: str, body: str) -> Skill:
    lists: dict[str, list[str]] = {}
    other: list[str] = []
    lead, sections = _cut(body)
    for title, content in sections:
        kind = _SECTIONS.get(title.strip(" :：").lower())
        if kind is None:
            other.append(f"## {title}\n{content}".strip())
        elif kind == "additional":
            other.append(content)
        elif kind == "examples":
            lists.setdefault(kind, []).extend(_examples(content))
        else:
            lists.setdefault(kind, []).extend(_items(content))
    if lead and not lists:
        lists["procedure"] = _items(lead)
    elif lead:
        other.insert(0, lead)
    return Skill(
        name,
        description,
        procedure=tuple(lists.get("procedure", ())),
        experience=tuple(lists.get("experience", ())),
        preference=tuple(lists.get("preference", ())),
        examples=tuple(lists.get("examples", ())),
        additional="\n\n".join(part for part in other if part),
    )


def _cut(body: str) -> tuple[str, list[tuple[str, str]]]:
    """What stands before the first section, and the sections; a lone title line is left out.

    Sections begin at the highest level at which a documented heading stands, else at `##`.
    """
    headings = [h for h in _HEADING.finditer(body) if not _in_fence(body, h.start())]
    known = [len(h[1]) for h in headings if h[2].strip(" :：").lower() in _SECTIONS]
    level = min(known, default=2)
    cuts = [h for h in headings if len(h[1]) == level]
    lead = body[: cuts[0].start()] if cuts else body
    if cuts:
        lead = _HEADING.sub(lambda h: "" if len(h[1]) < level else h[0], lead)
    ends = [*(h.start() for h in cuts[1:]), len(body)][: len(cuts)]
    sections = [(h[2], body[h.end() : end].strip()) for h, end in zip(cuts, ends, strict=True)]
    return lead.strip(), sections


def _in_fence(body: str, at: int) -> bool:
    return len(_FENCE.findall(body, 0, at)) % 2 == 1


def _items(content: str) -> list[str]:
    """Entries of a list; a text that is none, by paragraph."""
    starts = [m for m in _ITEM.finditer(content) if not _in_fence(content, m.start())]
    if not starts:
        return [
            " ".join(p.split()) if "```" not in p else p.strip()
            for p in re.split(r"\n\s*\n", content)
            if p.strip()
        ]
    ends = [m.start() for m in starts[1:]] + [len(content)]
    entries = [content[: starts[0].start()].strip()]
    entries += [content[m.end() : end].strip() for m, end in zip(starts, ends, strict=True)]
    return [entry for entry in entries if entry]


def _examples(content: str) -> list[str]:
    """Examples under headings of their own; else the whole as one."""
    heads = [h for h in _HEADING.finditer(content) if not _in_fence(content, h.start())]
    if not heads:
        return [content] if content else []
    ends = [h.start() for h in heads[1:]] + [len(content)]
    return [content[h.start() : end].strip() for h, end in zip(heads, ends, strict=True)]
