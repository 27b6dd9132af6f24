"""Putting uses of tools into words: what was done, and what it teaches. No model is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from memos.types.tool import ToolStep, ToolUse

_MOST_STEPS_TOLD = 6
_MOST_FAILURES_TOLD = 2
_LONGEST_ASKED = 100


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a tool was called to the end, and how often that failed."""

    calls: int = 0
    failures: int = 0

    def plus(self, step: ToolStep) -> "Tally":
        """With one more call; an unfinished one does not count."""
        if step.failed is None:
            return self
        return Tally(self.calls + 1, self.failures + step.failed)

    @property
    def success_rate(self) -> float | None:
        """Share of the finished calls that succeeded; None when none was finished."""
        return round(1 - self.failures / self.calls, 4) if self.calls else None


def tallies(uses: Sequence[ToolUse], former: Mapping[str, Tally]) -> dict[str, Tally]:
    """Calls by tool over uses, added to those that were counted before."""
    counts = dict(former)
    for use in uses:
        for step in use.steps:
            counts[step.tool] = counts.get(step.tool, Tally()).plus(step)
    return counts


def value_of(uses: Sequence[ToolUse], counts: Mapping[str, Tally]) -> str:
    """The last use in a line, former failures of other kinds below it, and how often it was done."""
    last = uses[-1]
    lines = [last.telling.value if last.telling else use_line(last)]
    shown = {(s.tool, s.arguments) for s in last.steps}
    failures = [s for use in reversed(uses[:-1]) for s in use.steps if s.failed]
    for step in failures:
        if (step.tool, step.arguments) not in shown and len(lines) <= _MOST_FAILURES_TOLD:
            shown.add((step.tool, step.arguments))
            lines.append(
                ("此前：" if last.chinese else "Before: ") + _step_line(step, last.chinese)
            )
    calls = sum(tally.calls for tally in counts.values())
    if calls > len(last.steps):
        good = calls - sum(tally.failures for tally in counts.values())
        lines.append(
            f"（共调用 {calls} 次，成功 {good} 次）"
            if last.chinese
            else f"({calls} calls in all, {good} succeeded)"
        )
    return "\n".join(lines)


def use_line(use: ToolUse) -> str:
    """`asked -> called ... with ... -> got ...`, in the language of the request."""
    parts = []
    if use.asked:
        parts.append(f"用户问：“{use.asked}”" if use.chinese else f'The user asked: "{use.asked}"')
    shown = use.steps[:_MOST_STEPS_TOLD]
    parts.extend(_step_line(step, use.chinese) for step in shown)
    if len(use.steps) > len(shown):
        more = len(use.steps) - len(shown)
        parts.append(f"另外调用 {more} 次" if use.chinese else f"{more} more calls")
    return " -> ".join(parts)


def _step_line(step: ToolStep, chinese: bool) -> str:
    given = arguments_text(step.arguments, chinese=chinese)
    if chinese:
        called = f"调用 {step.tool}" + (f"，参数 {given}" if given else "，无参数")
        if step.failed is None:
            return f"{called} -> 尚无结果"
        if step.failed:
            return f"{called} -> 失败（{step.error_type}）：{step.result}"
        return f"{called} -> 得到 {step.result or '空结果'}"
    called = f"called {step.tool}" + (f" with {given}" if given else " without arguments")
    if step.failed is None:
        return f"{called} -> no result yet"
    if step.failed:
        return f"{called} -> failed ({step.error_type}): {step.result}"
    return f"{called} -> got {step.result or 'an empty result'}"


def arguments_text(arguments: Sequence[tuple[str, str]], *, chinese: bool) -> str:
    """`name = "value"`, joined."""
    mark = "、" if chinese else ", "
    left, right = ("“", "”") if chinese else ('"', '"')
    return mark.join(
        f"{name} = {left}{value}{right}" if name else value for name, value in arguments
    )


def experience_of(uses: Sequence[ToolUse]) -> str:
    """What to do when a request of this kind comes again."""
    last = uses[-1]
    if last.telling is not None:
        return last.telling.experience
    good = next((u for u in reversed(uses) if not _failed_in_the_end(u)), None)
    chosen = good or last
    asked = chosen.request[:_LONGEST_ASKED]
    path = _path(chosen)
    if last.chinese:
        lead = f"遇到“{asked}”这类请求时" if asked else "需要这类信息时"
        if good is None:
            return f"{lead}，{path}没有成功；目前还没有已知可行的做法。"
        text = f"{lead}，{path}。"
    else:
        lead = f'For requests like "{asked}"' if asked else "When this is needed"
        if good is None:
            return f"{lead}: {path} did not succeed; no way that works is known yet."
        text = f"{lead}: {path}."
    lessons = [lesson_of(tool, uses) for tool in chosen.chain]
    failing = [
        lesson for tool, lesson in zip(chosen.chain, lessons, strict=True) if _fails(tool, uses)
    ]
    return " ".join([text, *dict.fromkeys(failing)])


def _path(use: ToolUse) -> str:
    """The calls that led somewhere, each once."""
    steps = [s for s in use.steps if not s.failed] or list(use.steps)
    told: dict[str, None] = {}
    for step in steps:
        names = [name for name, _ in step.arguments if name]
        if use.chinese:
            told[f"调用 {step.tool}" + (f"并给出 {'、'.join(names)}" if names else "")] = None
        else:
            told[f"call {step.tool}" + (f" with {', '.join(names)}" if names else "")] = None
    return ("，再" if use.chinese else ", then ").join(told)


def lesson_of(tool: str, uses: Sequence[ToolUse]) -> str:
    """When a tool works and when it fails, from the calls that were seen."""
    last = uses[-1]
    if last.telling is not None and tool in last.telling.tools:
        return last.telling.tools[tool]
    steps = [s for use in reversed(uses) for s in use.steps if s.tool == tool]
    good = [s for s in steps if s.failed is False]
    bad = [s for s in steps if s.failed]
    chinese = last.chinese
    works = arguments_text(good[0].arguments, chinese=chinese) if good else ""
    if not bad:
        if not good:
            return f"{tool} 还没有返回结果。" if chinese else f"{tool} has not answered yet."
        return (
            f"{tool} 在{works or '无参数'}时可用。"
            if chinese
            else f"{tool} works with {works}."
            if works
            else f"{tool} works without arguments."
        )
    told: dict[str, None] = {}
    for step in bad:
        if len(told) < _MOST_FAILURES_TOLD:
            told[_failure(step, good, chinese=chinese)] = None
    if chinese:
        fails = f"{tool} 在{'，或'.join(told)}时失败"
        return fails + (f"；{works or '无参数'}时可用。" if good else "；还没有成功过。")
    fails = f"{tool} fails {', and '.join(told)}"
    if not good:
        return fails + "; it has not worked yet."
    return fails + (f"; works with {works}." if works else "; works without arguments.")


def _failure(step: ToolStep, good: Sequence[ToolStep], *, chinese: bool) -> str:
    """What a failing call did differently from the call most like it that worked."""
    given = dict(step.arguments)
    nearest = max(good, key=lambda s: len(given.items() & dict(s.arguments).items()), default=None)
    works = dict(nearest.arguments) if nearest else {}
    different = [(n, v) for n, v in step.arguments if nearest is None or works.get(n) != v]
    missing = [n for n in works if n not in given]
    without = "、".join(missing) if chinese else ", ".join(missing)
    held = arguments_text(different, chinese=chinese)
    if chinese:
        parts = [held] if held else []
        parts += [f"缺少 {without}"] if missing else []
        return f"{'且'.join(parts) or '同样的参数'}（{step.error_type}）"
    parts = [f"with {held}"] if held else []
    parts += [f"without {without}"] if missing else []
    return f"{' and '.join(parts) or 'at times with the same arguments'} ({step.error_type})"


def _fails(tool: str, uses: Sequence[ToolUse]) -> bool:
    return any(step.failed for use in uses for step in use.steps if step.tool == tool)


def _failed_in_the_end(use: ToolUse) -> bool:
    """Whether the last finished call failed, or none was finished."""
    finished = [step.failed for step in use.steps if step.failed is not None]
    return not finished or finished[-1]


def tool_status(uses: Sequence[ToolUse], counts: Mapping[str, Tally]) -> list[dict[str, Any]]:
    """The documented `tool_used_status`: one entry for each tool, in the order of use."""
    names = dict.fromkeys(name for use in reversed(uses) for name in use.chain)
    return [
        {
            "used_tool": name,
            "error_type": _last_error(name, uses),
            "success_rate": counts.get(name, Tally()).success_rate,
            "tool_experience": lesson_of(name, uses),
        }
        for name in names
    ]


def _last_error(tool: str, uses: Sequence[ToolUse]) -> str:
    found = [s.error_type for u in uses for s in u.steps if s.tool == tool and s.failed]
    return found[-1] if found else ""
