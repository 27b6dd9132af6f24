"""Secrets in text: keys, passwords, card and identity numbers, English and Chinese. Pure functions.

What is found is judged by its form and by the words before it: a number counts as a card only when
its check digit is right, a password only when something says that it is one.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from memos.types.message import STORED, Message, stored_digest

MASK = "\u2022"
"""Stands for each character of a secret, so that spans of the text keep their meaning."""


class SecretPolicy(str, Enum):
    """What is done with secrets in messages."""

    KEEP = "keep"
    REDACT = "redact"
    """They stay in the message and are in no memory and no index."""
    REDACT_MESSAGES = "redact_messages"
    """They are not stored at all."""
    REFUSE = "refuse"
    """An add that holds one is refused."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret in a text: what it is, and where (`text[start:end]`)."""

    kind: str
    start: int
    end: int


def _luhn(text: str) -> bool:
    """The check digit of card numbers."""
    digits = [int(c) for c in text if c.isdigit()]
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = [
        d if n % 2 == 0 else (2 * d if d < 5 else 2 * d - 9) for n, d in enumerate(digits[::-1])
    ]
    return sum(doubled) % 10 == 0


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _resident(text: str) -> bool:
    """The check character of Chinese resident identity numbers (GB 11643), and a possible birth."""
    total = sum(int(d) * w for d, w in zip(text, _WEIGHTS, strict=False))
    month, day = int(text[10:12]), int(text[12:14])
    return "10X98765432"[total % 11] == text[-1].upper() and 1 <= month <= 12 and 1 <= day <= 31


def _social(text: str) -> bool:
    """Numbers that the US authority may have given out."""
    area, group, serial = re.split(r"[- ]", text)
    return area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"


def _telling(text: str) -> bool:
    """A password somebody would choose: not a word of the sentence that goes on."""
    return bool(re.search(r"[\d\W_]", text.strip(".,;:!?。，；！？\"'“”‘’")) or text.isupper())


def _always(_: str) -> bool:
    return True


_SAYS_ENGLISH = (
    r"(?:pass ?word|pass ?code|pass ?phrase|passwd|pwd|pin(?: code| number)?|"
    r"(?:api|secret|access|private|auth|bearer)[ _-]?(?:key|token)|client[ _-]secret|token|cvv|cvc|"
    r"security code|credentials?)"
)
_SAYS_CHINESE = (
    r"(?:密码|口令|密钥|秘钥|令牌|验证码|安全码|(?:api|secret|access)[ _-]?(?:key|token))"
)
_RULES: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    (
        "private key",
        re.compile(
            r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?"
            r"(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z)",
            re.DOTALL,
        ),
        _always,
    ),
    (
        "key",
        re.compile(
            r"(?<![\w-])(?:sk-(?:[a-z]+-)*[A-Za-z0-9_-]{16,}|(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{10,}|"
            r"AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|"
            r"glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,}|AIza[\w-]{35}|ya29\.[\w-]{20,}|"
            r"hf_[A-Za-z0-9]{30,}|npm_[A-Za-z0-9]{30,}|pypi-[\w-]{40,}|mpg-[\w-]{16,}|"
            r"SG\.[\w-]{16,}\.[\w-]{16,}|LTAI[A-Za-z0-9]{12,}|AKID[A-Za-z0-9]{13,}|"
            r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,})(?![\w-])"
        ),
        _always,
    ),
    (
        "password",
        re.compile(r"(?<=://)[^\s/:@]{1,64}:(?P<secret>[^\s/@]{3,64})(?=@[\w.-]+)"),
        _always,
    ),
    (
        "password",
        re.compile(
            rf"\b{_SAYS_ENGLISH}\b(?:(?: (?:for|of|to)(?: (?:the|my|our))?)(?: [\w.-]+){{1,3}}?)?"
            r"(?:\s*(?:is|was|are|=|:|：)\s*|\s+(?:is|=|:)?\s*(?=[\"'“`]))(?:now |still |set to )?"
            r"[\"'“‘`]?(?P<secret>[^\s\"'“”‘’`,，。]{3,128}?)(?=[\"'”’`]?[.,;!?，。；！？]?(?:\s|$))",
            re.IGNORECASE,
        ),
        _telling,
    ),
    (
        "password",
        re.compile(
            rf"{_SAYS_CHINESE}(?:是|为|：|:|=|改成了?|设成了?|设为|叫)\s*[“\"'‘]?"
            r"(?P<secret>[\w!@#$%^&*()+.~?/\\-]{3,128})",
            re.IGNORECASE | re.ASCII,
        ),
        _always,
    ),
    ("card number", re.compile(r"(?<![\d.-])\d(?:[ -]?\d){12,18}(?![\d-]|\.\d)"), _luhn),
    ("identity number", re.compile(r"(?<![\dA-Za-z])[1-9]\d{5}(?:19|20)\d{9}[\dXx](?![\dA-Za-z])"),
     _resident),
    ("identity number", re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])"), _social),
    (
        "identity number",
        re.compile(
            r"(?:\b(?:ssn|social security (?:number|no\.?)|passport (?:number|no\.?))\b|社保号|身份证号?码?|护照号?码?)"
            r"(?:\s*(?:is|was|:|：|=|是|为))?\s*(?P<secret>[A-Z]{0,2}\d[\d -]{5,18}\d[Xx]?)",
            re.IGNORECASE,
        ),
        _always,
    ),
)  # fmt: skip


def find_secrets(text: str) -> tuple[Secret, ...]:
    """Secrets of a text, in order, not overlapping."""
    found: list[Secret] = []
    for kind, pattern, holds in _RULES:
        for match in pattern.finditer(text):
            name = "secret" if "secret" in pattern.groupindex else 0
            if holds(match[name]):
                found.append(Secret(kind, *match.span(name)))
    return tuple(_apart(sorted(found, key=lambda s: (s.start, -s.end))))


def _apart(found: list[Secret]) -> Iterator[Secret]:
    end = 0
    for secret in found:
        if secret.start >= end:
            yield secret
            end = secret.end


def masked(text: str) -> str:
    """The text with every character of its secrets replaced; as long as before."""
    pieces, at = [], 0
    for secret in find_secrets(text):
        pieces += [text[at : secret.start], MASK * (secret.end - secret.start)]
        at = secret.end
    return "".join(pieces) + text[at:]


def masked_json(value: Any) -> Any:  # noqa: ANN401 - JSON is any of seven types
    """A JSON value with the secrets of its texts masked; data URLs are left as they are."""
    if isinstance(value, str):
        return value if value.startswith("data:") else masked(value)
    if isinstance(value, list):
        return [masked_json(member) for member in value]
    if isinstance(value, dict):
        return {key: masked_json(member) for key, member in value.items()}
    return value


def masked_part(part: dict[str, Any]) -> dict[str, Any]:
    """A part with its secrets masked. The digest of its content, which looks like one, stays."""
    made: dict[str, Any] = masked_json(part)
    digest = stored_digest(part)
    if digest is not None:
        kind = str(part["type"])
        made[kind] = {**made[kind], STORED: digest}
    return made


def concealed(message: Message, policy: SecretPolicy) -> Message:
    """A message as it may be read and indexed."""
    if policy is SecretPolicy.KEEP:
        return message
    return replace(
        message,
        text=masked(message.text),
        parts=tuple(masked_part(part) for part in message.parts),
        tool_calls=tuple(masked_json(call) for call in message.tool_calls),
    )
