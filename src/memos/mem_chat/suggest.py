"""Questions a user might ask next: by rules, or by a model. Neither may fail: rules fill up."""

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from memos.errors import ModelReplyError, ModelUnavailableError
from memos.llms.base import LLM, Turn
from memos.mem_chat.standing import is_standing
from memos.mem_reader.repair import parse_reply
from memos.mem_reader.rules.topic import entities_of, topics_of
from memos.templates import load
from memos.types.memory import PREFERENCE_KINDS, MemoryItem

logger = logging.getLogger(__name__)

WANTED = 3
_LONGEST = 200
_SHOWN_TOKENS = 600
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["queries"],
    "properties": {"queries": {"type": "array", "items": {"type": "string"}}},
}


@dataclass(frozen=True, slots=True)
class _Phrases:
    """Questions of one language; `{}` takes a topic, or what the user prefers."""

    fact: tuple[str, ...]
    coming: str
    preference: tuple[str, ...]
    general: tuple[str, ...]
    subject: str
    lower: bool


_ENGLISH = _Phrases(
    fact=(
        "What do you remember about {}?",
        "What should I think of next for {}?",
        "Can you sum up what I told you about {}?",
    ),
    coming="What do I still have to prepare for {}?",
    preference=(
        "What would you recommend to somebody who {}?",
        "What is worth trying for somebody who {}?",
        "What goes well with this: I am somebody who {}?",
    ),
    general=(
        "What do you remember about me?",
        "What have we talked about lately?",
        "What should I not forget this week?",
    ),
    subject="The user ",
    lower=True,
)
_CHINESE = _Phrases(
    fact=("关于{}，你还记得什么？", "{}接下来该怎么安排？", "能总结一下我说过的{}吗？"),
    coming="为{}，我还要准备什么？",
    preference=("我{}，有什么推荐吗？", "我{}，有什么值得一试？", "我{}，周末可以做什么？"),
    general=("你记得关于我的哪些事？", "我们最近聊过什么？", "这周我有什么不该忘记的事？"),
    subject="用户",
    lower=False,
)
_VAGUE = frozenset({"information", "信息", "user", "assistant", "用户", "助手", "mode:fast"})


@dataclass(frozen=True, slots=True)
class Basis:
    """What suggestions are drawn from.

    Args:
        memories: recent ones, latest first.
        talk: the latest turns as `(role, text)`; when there are any, they matter more.
        chinese: language of the suggestions.
        now_ms: the time.
    """

    memories: Sequence[MemoryItem]
    talk: Sequence[tuple[str, str]]
    chinese: bool
    now_ms: int


def suggested(basis: Basis, llm: LLM | None) -> tuple[str, ...]:
    """Exactly three different questions, the model's first when there is one."""
    asked = _by_model(basis, llm) if llm is not None else []
    found: dict[str, str] = {}
    for question in (*asked, *by_rules(basis)):
        tidy = " ".join(question.split())[:_LONGEST]
        if tidy:
            found.setdefault(tidy.casefold().rstrip("?？"), tidy)
    return tuple(found.values())[:WANTED]


def by_rules(basis: Basis) -> Iterator[str]:
    """Questions from topics of the talk, else from recent memories; last the general ones."""
    phrases = _CHINESE if basis.chinese else _ENGLISH
    turn = count()
    seen: set[str] = set()
    topics = _talked_about(basis.talk)
    for topic in topics:
        if topic.casefold() not in seen:
            seen.add(topic.casefold())
            yield phrases.fact[next(turn) % WANTED].format(topic)
    for item in () if topics else basis.memories:
        topic, question = _about(item, phrases, basis.now_ms, next(turn))
        if question and topic.casefold() not in seen:
            seen.add(topic.casefold())
            yield question
    yield from phrases.general


def _about(item: MemoryItem, phrases: _Phrases, now_ms: int, turn: int) -> tuple[str, str]:
    """Topic of a memory and a question about it; empty when it gives none."""
    if is_standing(item) or item.speaker == "assistant":
        return "", ""
    wish = _preferred(item, phrases)
    if wish:
        return wish, phrases.preference[turn % WANTED].format(wish)
    topic = next((t for t in (*item.entities, *item.tags) if t.casefold() not in _VAGUE), "")
    if not topic:
        return "", ""
    if item.event_from is not None and item.event_from > now_ms:
        return topic, phrases.coming.format(topic)
    return topic, phrases.fact[turn % WANTED].format(topic)


def _preferred(item: MemoryItem, phrases: _Phrases) -> str:
    """What a preference says of the user, in the language of the phrases; else empty."""
    value = item.value.strip().rstrip(".。")
    if item.kind not in PREFERENCE_KINDS or not value.startswith(phrases.subject):
        return ""
    said = value.removeprefix(phrases.subject).strip()
    return said if len(said) <= 60 and not set(said) & set(".;。；\n") else ""


def _talked_about(talk: Sequence[tuple[str, str]]) -> list[str]:
    """Names and topics of the user's latest turns, the latest first."""
    found: list[str] = []
    for role, text in reversed(talk):
        if role == "user":
            found += entities_of(text)
            found += topics_of(text, chinese=False) + topics_of(text, chinese=True)
    return [topic for topic in dict.fromkeys(found) if topic.casefold() not in _VAGUE]


def _by_model(basis: Basis, llm: LLM) -> list[str]:
    """A model's questions; none when it fails."""
    data = {
        "language": "Chinese" if basis.chinese else "English",
        "conversation": [{"role": role, "text": text} for role, text in basis.talk],
        "memories": [item.value for item in basis.memories if item.value],
    }
    turns = (
        Turn("system", load("suggest")),
        Turn("user", json.dumps(data, ensure_ascii=False)),
    )
    try:
        reply = llm.complete(turns, schema=_SCHEMA, max_tokens=_SHOWN_TOKENS, temperature=0.7)
        found = parse_reply(reply.text)
    except (ModelUnavailableError, ModelReplyError) as error:
        logger.warning("suggestions without the model", extra={"code": error.code})
        return []
    listed = found.get("queries") if isinstance(found, dict) else found
    return [q for q in listed if isinstance(q, str)] if isinstance(listed, list) else []
