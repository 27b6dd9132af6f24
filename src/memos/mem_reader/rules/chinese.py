"""Retelling Chinese in the third person.

Chinese verbs do not agree, so only the persons are replaced, a missing first subject is supplied,
and softening particles at the end of a clause are dropped. Quoted text is never touched.
"""

import re

from memos.mem_reader.rules.cast import Cast, Retold
from memos.mem_reader.rules.chinese_subject import About, about, left_out

_QUOTED = re.compile(r"(“[^”\n]{0,400}”|「[^」\n]{0,400}」|《[^》\n]{0,200}》|\"[^\"\n]{0,400}\")")
_FIRST = re.compile(r"我们家|咱们家|我们|咱们|咱家|我家|俺家|俺们|本人|俺|咱|我(?![国校司行素])")
_NOT_FIRST = re.compile(r"(?:自|忘|小|敌|本|超|真|无|大)$")
_SECOND = re.compile(r"你们|您们|你|您(?!好)")
_PARENT = re.compile(r"(我|你|他|她)([妈爸哥姐弟妹])(?!\2|[爸妈夫媳妹]|们)")
_AGAIN = re.compile(
    r"(?<=[\u4e00-\u9fff])(?:我们?|咱们?)的?(?=(?:爸妈|父母|爸爸|妈妈|哥哥|姐姐|弟弟|妹妹|老婆|老公|妻子|丈夫|儿子|女儿|孩子|"
    r"男朋友|女朋友|爷爷|奶奶|外公|外婆)(?!的))"
)
"""我想给我老婆买: whose wife it is goes without saying once the speaker is the subject."""
_PARTICLE = re.compile(
    r"(?<=[\u4e00-\u9fff])[啊呀呢吧哦噢嘛啦哈哟喔耶呐]+(?=[，,。.！!；;、~～\s]|$)"
)


def retell(sentence: str, cast: Cast, *, supply: bool = True) -> Retold:
    """Put a Chinese statement into the third person.

    Args:
        sentence: one sentence or a few.
        cast: who 我 and 你 are.
        supply: put the speaker in front of a statement that has no subject.
    """
    safe = True
    named = False
    sentence = _PARENT.sub(r"\1\2\2", sentence)
    sentence = "".join(_once(part) for part in re.split(r"(?<=[，。；！,;])", sentence))
    parts = _QUOTED.split(sentence)
    for at in range(0, len(parts), 2):
        text, first = _replace_first(parts[at], cast.speaker)
        named = named or first
        if _SECOND.search(text):
            safe = safe and cast.listener is not None
            text = _SECOND.sub(cast.listener or "你", text)
        parts[at] = _PARTICLE.sub("", text)
    text = "".join(parts)
    owner = left_out(re.split(r"[，,。！!？?；;]", sentence, maxsplit=1)[0]) if supply else ""
    if owner:
        text, named = cast.speaker + owner.removeprefix("我") + text, True
    return Retold(_joined(_said_once(text, sentence, cast.speaker)), named, safe)


def _said_once(text: str, sentence: str, speaker: str) -> str:
    """The subject once where every clause of a sentence is about the speaker."""
    clauses = [clause for clause in re.split("[，,]", sentence) if clause]
    if not all(about(clause) in {About.SPEAKER, About.OPEN} for clause in clauses):
        return text
    head, comma, tail = text.partition("，")
    return head + comma + re.sub(rf"(?:^|(?<=，)){re.escape(speaker)}(?![的家])", "", tail)


def _replace_first(text: str, speaker: str) -> tuple[str, bool]:
    found = False

    def name(match: "re.Match[str]") -> str:
        nonlocal found
        if _NOT_FIRST.search(text[max(0, match.start() - 1) : match.start()]):
            return match[0]
        found = True
        return speaker + ("家" if match[0].endswith("家") else "")

    return _FIRST.sub(name, text), found


def _once(clause: str) -> str:
    """A clause whose subject is the speaker, without saying again whose relatives are meant."""
    match = re.match(r"(?:我们?|咱们?)(?!的)", clause)
    if match is None or about(clause) is not About.SPEAKER:
        return clause
    return match[0] + _AGAIN.sub("", clause[match.end() :])


def _joined(text: str) -> str:
    """Half-width commas between Chinese characters become the Chinese comma."""
    return re.sub(r"(?<=[\u4e00-\u9fff]),\s?(?=[\u4e00-\u9fff])", "，", text)
