"""A model that is none: it answers the product's prompts by what stands in them, always the same.

It reads messages, relates statements to facts and combines them, in words of its own choice, and now
and then, as often as it is told to, answers with something that cannot be used. As a server:
`python -m bench.stand_in`.
"""

import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.scripted_model import Answer, Request, refusal, reply
from tests.stand_in_reading import WORDINGS, WORDINGS_ZH, Meaning, errand, meaning_of, third_person

MALFORMED = ("prose", "fenced", "not json", "truncated", "wrong ids", "empty", "another form")
"""Ways in which an answer is spoilt; the first two can still be read."""
_SENTENCE = re.compile(r"[^.!?。！？]*(?:\.(?=\S)[^.!?。！？]*)*[.!?。！？]?")
_FIRST_PERSON = re.compile(r"\b(?:I|I'm|my|we|our|us|me)\b|我", re.IGNORECASE)
_WISH = re.compile(r"\b(?:would|might|could|if)\b|想.*(?:去|当|做)|如果|就好了", re.IGNORECASE)


class StandIn:
    """Answers requests of the product; give it to `ScriptedModel.fallback`.

    Args:
        malformed: share of the answers that are spoilt, 0..1.
        seed: of the choice of words and of what is spoilt.
        kinds: ways in which answers are spoilt, of `MALFORMED`.
    """

    def __init__(
        self, malformed: float = 0.0, seed: int = 7, kinds: Sequence[str] = MALFORMED
    ) -> None:
        self._malformed = malformed
        self._kinds = kinds
        self._seed = seed
        self._asked: Counter[str] = Counter()
        self.spoilt: Counter[str] = Counter()

    def __call__(self, request: Request) -> Answer:
        """One answer. Asked the same again, a spoilt answer need not be spoilt again."""
        prompt = request.body["messages"][1]["content"]
        digest = hashlib.sha256(f"{self._seed}\x1f{prompt}".encode()).hexdigest()
        self._asked[digest] += 1
        draw = random.Random(f"{digest}/{self._asked[digest]}")
        answered = self._answered(request, prompt, random.Random(digest))
        if answered is None:
            return refusal(404)
        text = json.dumps(answered, ensure_ascii=False)
        if draw.random() < self._malformed:
            kind = draw.choice(self._kinds)
            self.spoilt[kind] += 1
            return reply(spoilt(text, kind))
        return reply(text)

    def _answered(self, request: Request, prompt: str, draw: random.Random) -> Any:
        form = request.body.get("response_format", {}).get("json_schema", {}).get("schema", {})
        asked = form.get("required", [])
        if "memories" in asked:
            return {"memories": memories(json.loads(prompt), draw)}
        if "relations" in asked:
            return {"relations": relations(json.loads(prompt))}
        if "kind" in asked:
            return judged(json.loads(prompt))
        if "skill" in asked:
            return {"skill": None, "retired": False}
        return None


def spoilt(text: str, kind: str) -> str:
    """An answer as a model spoils it."""
    if kind == "prose":
        return f"Sure! Here is what I noted:\n\n{text}\n\nLet me know if you need anything else."
    if kind == "fenced":
        return f"```json\n{text}\n```"
    if kind == "truncated":
        return text[: max(1, len(text) * 2 // 3)]
    if kind == "wrong ids":
        return re.sub(r'("messages": \[|"fact": )\d+', r"\g<1>99", text)
    if kind == "another form":
        return json.dumps({"facts": ["The user said something."]})
    return "" if kind == "empty" else "I could not find anything that I would call a memory."


def memories(asked: dict[str, Any], draw: random.Random) -> list[dict[str, Any]]:
    """What it draws from messages."""
    found = []
    for message in asked["messages"]:
        if message["speaker"] == "assistant":
            continue
        for sentence in _SENTENCE.findall(message["text"]):
            told = _told(sentence.strip(), draw)
            if told:
                found.append(_memory(*told, message["n"], sentence.strip()))
    return found


def _told(sentence: str, draw: random.Random) -> tuple[str, str] | None:
    """Kind and text of the memory a sentence gives."""
    wanted = errand(sentence)
    if wanted is not None:
        return "fact", wanted
    if not _FIRST_PERSON.search(sentence) and meaning_of(sentence) is None:
        return None
    if sentence.endswith(("?", "？")):
        return None
    meaning = meaning_of(sentence)
    if meaning is None:
        return ("fact", third_person(sentence)) if not _WISH.search(sentence) else None
    return _kind(meaning), draw.choice(meaning.wordings())


def _kind(meaning: Meaning) -> str:
    tastes = {"likes", "dislikes", "food"}
    return "explicit_preference" if meaning.attribute in tastes else "profile"


def _memory(kind: str, value: str, number: int, quote: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "value": value,
        "key": value.rstrip(".。")[:40],
        "tags": [],
        "messages": [number],
        "quote": quote,
        "reasoning": "The user said so." if kind.endswith("preference") else "",
        "event_start": None,
        "event_end": None,
        "confidence": 0.95,
    }


def relations(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """How it finds statements to relate to facts."""
    found = []
    for statement in asked["statements"]:
        for fact in asked["facts"]:
            both = combined(fact["text"], statement["text"])
            sort = "adds" if both else _relation(statement["text"], fact["text"])
            if sort:
                found.append(
                    {
                        "statement": statement["id"],
                        "fact": fact["id"],
                        "relation": sort,
                        "combined": both,
                    }
                )
    return found


def combined(first: str, second: str) -> str:
    """One sentence that says what two say of the same difficulty; empty when they do not."""
    for form, joint in _DIFFICULTIES:
        one, two = re.search(form, first), re.search(form, second)
        if one and two and first[: one.start()] == second[: two.start()]:
            return first[: one.start()] + joint.format(one[0].rstrip(".。"), two[0])
    return ""


_DIFFICULTIES = (
    (r"(?:(?:always|often|also) )?(?:confuses|struggles with) .+", "{0} and {1}"),
    ("(?:总是|也|经常)(?:把|算错|弄错).+", "{0}，{1}"),
)
_CORRECTION = (
    r"(?P<topic>.+?) is (?P<new>[^,]+), not (?P<old>[^.]+)\.?",
    "(?P<topic>.+?)是(?P<new>[^，]+)，不是(?P<old>[^。]+)。?",
)
_REPLACEMENT = (
    r".*?[Rr]eplace (?P<old>.+?) with (?P<new>.+?) everywhere\.?",
    ".*?把所有的?(?P<old>.+?)(?:都)?改成(?P<new>.+?)。?",
)


def judged(asked: dict[str, Any]) -> dict[str, Any]:
    """What it takes a feedback for."""
    said, blank = (
        asked["feedback"],
        {"old": "", "new": "", "statement": "", "vote": 0, "numbers": []},
    )
    for kind, forms in (("replacement", _REPLACEMENT), ("correction", _CORRECTION)):
        for form in forms:
            match = re.fullmatch(form, said)
            if match:
                old = match["old"]
                meant = [m["number"] for m in asked["memories"] if old in m["text"]]
                told = {"old": old, "new": match["new"]}
                if kind == "replacement":
                    return {"kind": kind, **blank, **told}
                return {"kind": kind, **blank, **told, "statement": said, "numbers": meant}
    return {"kind": "addition", **blank, "statement": said}


def _relation(statement: str, fact: str) -> str | None:
    new, old = _restated(statement), _restated(fact)
    if new is None or old is None or new.attribute not in _rivals(old.attribute):
        return None
    if new == old:
        return "duplicate"
    same_thing = new.value.lower() == old.value.lower()
    tastes = {"likes", "dislikes"}
    return "contradicts" if same_thing or new.attribute not in tastes else None


def _rivals(attribute: str) -> set[str]:
    return {"likes", "dislikes"} if attribute in {"likes", "dislikes"} else {attribute}


_RESTATED = sorted(
    (
        (
            re.compile(re.escape(form).replace(r"\{0\}", "(.+?)").replace(r"\ a\ ", r"\ an?\ ")),
            name,
            han,
        )
        for forms, han in ((WORDINGS, False), (WORDINGS_ZH, True))
        for name, wordings in forms.items()
        for form in wordings
    ),
    key=lambda entry: -len(entry[0].pattern),
)


def _restated(text: str) -> Meaning | None:
    """The meaning behind one of its own wordings; the most telling form first."""
    for form, attribute, chinese in _RESTATED:
        match = form.fullmatch(text)
        if match:
            return Meaning(attribute, match[1], chinese)
    return None
