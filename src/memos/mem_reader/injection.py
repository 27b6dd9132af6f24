"""Text that tries to give the assistant orders. It is kept as something that was said, no more."""

import re
from dataclasses import replace

from memos.types.language import is_chinese
from memos.types.memory import Draft, MemoryKind

_CONFIDENCE = 0.6
_QUOTED = re.compile(
    r"(?:said|asked|wrote|shared|answered):? [\"“]|(?:说|请求|写道|分享了|回答)：?“"
)
_ENGLISH = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass|drop)\b[^.!?\n]{0,30}?\b(?:previous|prior|above|"
    r"earlier|preceding|your|all|any|these|those|system|safety|original)\b[^.!?\n]{0,24}?"
    r"\b(?:instructions?|rules?|prompts?|directions?|guidelines?|polic(?:y|ies)|restrictions?|filters?)\b"
    r"|\b(?:reveal|print|show|repeat|output|leak|display|tell me|give me|dump)\b[^.!?\n]{0,30}?"
    r"\b(?:system|hidden|initial|original|secret) (?:prompt|instructions?|message|rules)\b"
    r"|\byou are (?:now|no longer)\b[^.!?\n]{0,40}?\b(?:dan|unrestricted|unfiltered|jailbroken|free of|"
    r"bound by|an? ai without|developer mode)\b"
    r"|\b(?:developer mode|jailbreak|do anything now)\b|\bpretend (?:that )?you (?:have no|are not|"
    r"aren't|don't have)\b[^.!?\n]{0,30}?\b(?:rules|restrictions|limits|filters|guidelines|ai)\b"
    r"|\bnew (?:system )?(?:instructions?|prompt)\s*:|<\|?(?:system|im_start)\|?>|\[/?INST\]"
    r"|\b(?:system|assistant)\s*:\s*(?:you|ignore|from now)\b",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    r"(?:忽略|无视|忘记|忘掉|不要理会|抛弃|绕过|覆盖)[^。！？\n]{0,8}?(?:之前|以上|上面|前面|先前|所有|全部|你的|系统)"
    r"[^。！？\n]{0,8}?(?:指令|规则|提示词?|要求|设定|限制|约束)"
    r"|(?:输出|泄露|显示|告诉我|说出|重复|打印|透露)[^。！？\n]{0,10}?(?:系统提示词?|系统指令|提示词|初始指令|隐藏指令)"
    r"|你现在(?:是|不再)[^。！？\n]{0,20}?(?:不受|没有|无)(?:任何)?(?:限制|约束)|开发者模式|越狱模式|新的?系统(?:指令|提示)[:：]"
)


def is_injection(text: str) -> bool:
    """Whether a text tells an assistant to drop its instructions, its limits or its secrets."""
    return bool(_ENGLISH.search(text) or _CHINESE.search(text))


def as_quotation(draft: Draft) -> Draft:
    """The draft; one that gives orders to an assistant as what somebody said, and no preference."""
    if not is_injection(draft.value) or _QUOTED.search(draft.value):
        return draft
    if is_chinese(draft.value):
        value = f"{_who(draft, '用户')}说：“{draft.statement}”"
    else:
        value = f'{_who(draft, "The user")} said: "{draft.statement}"'
    return replace(
        draft,
        kind=MemoryKind.LONG_TERM,
        value=value,
        reasoning="",
        confidence=min(draft.confidence, _CONFIDENCE),
    )


def _who(draft: Draft, user: str) -> str:
    return user if draft.speaker in {"", "user"} else draft.speaker
