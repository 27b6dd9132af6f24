"""Retelling Chinese in the third person.

Chinese verbs do not agree, so only the persons are replaced, a missing first subject is supplied,
and softening particles at the end of a clause are dropped. Quoted text is never touched.
"""

import re

from memos.mem_reader.rules.cast import Cast, Retold

_QUOTED = re.compile(r"(“[^”\n]{0,400}”|「[^」\n]{0,400}」|《[^》\n]{0,200}》|\"[^\"\n]{0,400}\")")
_FIRST = re.compile(r"我们家|咱们家|我们|咱们|咱家|我家|俺家|俺们|本人|俺|咱|我(?![国校司行素])")
_NOT_FIRST = re.compile(r"(?:自|忘|小|敌|本|超|真|无|大)$")
_SECOND = re.compile(r"你们|您们|你|您(?!好)")
_PARENT = re.compile(r"(我|你|他|她)([妈爸])(?!\2)")
_PARTICLE = re.compile(
    r"(?<=[\u4e00-\u9fff])[啊呀呢吧哦噢嘛啦哈哟喔耶呐]+(?=[，,。.！!；;、~～\s]|$)"
)
_SUBJECTLESS = re.compile(
    r"(?:肯定|一定|大概|可能|应该|也许|已经|刚刚|刚|正在|正|一直|经常|常常|平时|一般|每天|每周|从小|最近|"
    r"这个月|这周|这次|这几天|这两天|现在|目前|当时|昨天|今天|明天|前天|后天|上周|下周|去年|今年|明年|上个月|下个月|周末|早上|晚上|其实|还|也|都|只|不太|不|没有|没|"
    r"别|很|特别|非常|最|比较|更|要|想|打算|准备|计划|会|可以|能|需要|希望|喜欢|爱|讨厌|偏好|习惯|害怕|怕|觉得|"
    r"认为|知道|住|在|去|来|到|有|是|叫|姓|做|当|学|吃|喝|买|卖|用(?!户)|养|带|搬|换|订|预订|选|参加|毕业|工作|上班|生|"
    r"结婚|离婚|怀孕|感冒|过敏|对.{1,12}过敏|开始|完成|通过|报名|申请|收到|看|听|玩|写|读|跑|打|骑|开|坐|"
    r"给|跟|和|陪|被|把|从)"
)
_OTHER_SUBJECT = re.compile(
    r"(?<![吉其])他|[她它咱俺我您你]|(?:这|那)(?!个?月|个?周|个?星期|年|次|几天|两天|段时间)(?:个|里|些|儿|边|种|是)?|大家|有人|谁"
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
    parts = _QUOTED.split(sentence)
    for at in range(0, len(parts), 2):
        text, first = _replace_first(parts[at], cast.speaker)
        named = named or first
        if _SECOND.search(text):
            safe = safe and cast.listener is not None
            text = _SECOND.sub(cast.listener or "你", text)
        parts[at] = _PARTICLE.sub("", text)
    text = "".join(parts)
    if supply and _lacks_subject(sentence):
        text, named = cast.speaker + text, True
    return Retold(_joined(text), named, safe)


def _replace_first(text: str, speaker: str) -> tuple[str, bool]:
    found = False

    def name(match: "re.Match[str]") -> str:
        nonlocal found
        if _NOT_FIRST.search(text[max(0, match.start() - 1) : match.start()]):
            return match[0]
        found = True
        return speaker + ("家" if match[0].endswith("家") else "")

    return _FIRST.sub(name, text), found


def _lacks_subject(sentence: str) -> bool:
    """The first clause starts with a verb, adverb or time and names nobody before the verb."""
    clause = re.split(r"[，,。！？!?；;]", sentence, maxsplit=1)[0]
    return _SUBJECTLESS.match(clause) is not None and not _OTHER_SUBJECT.search(clause[:12])


def _joined(text: str) -> str:
    """Half-width commas between Chinese characters become the Chinese comma."""
    return re.sub(r"(?<=[\u4e00-\u9fff]),\s?(?=[\u4e00-\u9fff])", "，", text)
