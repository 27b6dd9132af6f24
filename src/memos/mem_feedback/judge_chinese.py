"""Rules for Chinese feedback."""

import re
from dataclasses import replace

from memos.mem_feedback.feedback import Feedback, FeedbackKind

_GOOD = re.compile(
    r"(?:👍+|(?:很|非常|挺)?(?:有用|有帮助)|好评|赞|点赞|(?:回答|答)?得?(?:很|非常|真)?(?:好|棒|不错)"
    r"|回答正确|正确|没错|说得对|对的|好的回答)[。！!，的了啊 👍]*"
)
_BAD = re.compile(
    r"(?:👎+|(?:完全|根本)?(?:没用|没有用|没有帮助|没帮助|不对|不正确|不准确)|差评|(?:回答|答)得?(?:很|太)?"
    r"(?:差|不好|错了)|(?:你)?(?:答|说|弄|记|搞)?错了|回答错误|不好)[。！!的了啊 👎]*"
)
_SMALL_TALK = re.compile(
    r"(?:你好|您好|嗨|早上好|晚上好|谢谢(?:你|您)?|多谢|好的?|嗯+|哈哈+|再见|拜拜|测试|收到|行|可以)"
    r"[。！!？?呀啊吧的了 ]*"
)
_DENIAL = re.compile(
    r"(?:(?:不对|不是的|不是这样的?|错了|你(?:记|说|搞|弄|答)错了|这?不(?:正确|准确)|👎|不)"
    r"[，,。！!；;：: ]+)+(?:其实|应该是)?"
)
_POLITE = re.compile(r"(?:(?:请|麻烦|帮我|你|可以|能不能|从现在起|以后|今后|那就)[，, ]?)+")
_KEEP = re.compile(r"(?:记住|记一下|记得|记下来?|别忘了|不要忘记|不要忘了)[，,：: ]*(?P<what>.+)")
_FORGET = re.compile(
    r"(?:忘掉|忘记|忘了|删除|删掉|清除|(?:别|不要|不用|不许)(?:再)?(?:记住|记录|记得|保存|存储|记))"
    r"(?:所有|全部)?(?:关于|有关)?(?P<what>.+?)(?:这件事情?|的事情?|的记忆|的信息|这一?点|吧|了)*"
)
_FORGET_TURNED = re.compile(
    r"(?:把|将)(?:所有|全部)?(?:关于|有关)?(?P<what>.+?)(?:这件事情?|的事情?|的记忆|的信息|这一?点)?"
    r"(?:都|全部|全|给)?(?:忘掉|忘记|忘了|删除|删掉|清除)(?:掉|吧|了)*"
)
_VAGUE = re.compile(r"(?:它|这个|那个|这件事|这条|我刚才?说的话?|所有|一切)?")
_INTO = r"(?:替换成|替换为|替换|改成|改为|换成|换为|更改为|修改为|修改成|更名为|改名为|改名叫|改叫)"
_TURNED = re.compile(
    rf"(?:把|将)(?P<all>所有的?|全部的?|记忆(?:里|中)的?(?:所有的?|全部的?)?)?(?P<old>.+?)"
    rf"(?P<every>都|全部|全|统一)?{_INTO}(?P<new>.+)"
)
_ALL = re.compile(
    rf"(?P<all>所有的?|全部的?)(?P<old>.+?)(?P<every>都|全部|全|统一)?{_INTO}(?P<new>.+)"
)
_RENAMED = re.compile(
    r"(?:我)?(?:已经)?(?:改名|改了名字?|更名|名字)(?:了)?[，,]?从(?P<old>.+?)(?:改|变|换)?"
    r"(?:成|为|到)了?(?P<new>.+)"
)
_NOW_CALLED = re.compile(
    r"(?P<old>[^，,。]+?)(?:现在|已经?)?(?:更名为|改名为|改名叫|改叫|更名成)了?(?P<new>.+)"
)
_USE = re.compile(r"用(?P<new>.+?)(?:来)?(?:替换|代替|取代)(?:掉)?(?:所有的?|全部的?)?(?P<old>.+)")
_NEW_NOT_OLD = re.compile(
    r"(?P<head>.+?)[，,；; ]*(?:而|但|并)?(?:不是|而非|并非|不在|不叫)(?P<old>[^，,；;。]+)"
)
_NOT_OLD_BUT_NEW = re.compile(
    r"(?P<head>.*?)(?:不是|并不是|并非|不应该是)(?P<old>.+?)[，,；; ]*"
    r"(?:而是|应该是|应当是|其实是|而应是|是)(?P<new>.+)"
)
_SHOULD_BE = re.compile(r"(?P<topic>.*?)(?:应该|应当|应)(?:改成|改为|是|为)(?P<new>.+)")
_ANCHOR = re.compile(
    r"(?:应该是|应当是|其实是|是|为|叫做|叫|在|到|去了?|喜欢|爱|选择?了|选|买了|用)"
)
_BARE_VALUE = re.compile(r"(?:它|这|那|这个|那个)?(?:其实|应该|就)?是")
_DIGIT = re.compile(r"[0-9０-９一二三四五六七八九十百千万@]")
_SPLIT = re.compile(r"[。！!；;]\s*|[，,]\s*(?=(?:请|麻烦)?(?:你)?(?:把|将))")
_DOING = re.compile(r"(?<=.)(?:工作|上班|上学|读书|学习|生活|居住|开会|见面|举行)$")
_PLACE = re.compile(r"(?:在所有(?:的)?(?:记忆|地方)(?:里|中)?|全局)[，, ]*")


def judged(text: str) -> Feedback:
    """What a Chinese feedback means."""
    if _SMALL_TALK.fullmatch(text):
        return Feedback(FeedbackKind.NONE)
    if _GOOD.fullmatch(text):
        return Feedback(FeedbackKind.VOTE, vote=1)
    if _BAD.fullmatch(text):
        return Feedback(FeedbackKind.VOTE, vote=-1)
    denial = _DENIAL.match(text)
    if denial and len(text) > denial.end():
        rest = text[denial.end() :]
        return _denied(_asked(rest) or _contrasted(rest) or _plain(rest))
    for part in dict.fromkeys((text, *reversed(_SPLIT.split(text)))):
        found = _asked(part) if part else None
        if found:
            return found
    return _contrasted(text) or _plain(text)


def _denied(found: Feedback) -> Feedback:
    if found.kind is FeedbackKind.ADDITION:
        bare = _BARE_VALUE.match(found.statement)
        if bare:
            new = _value(found.statement[bare.end() :])
            return Feedback(FeedbackKind.CORRECTION, new=new, wrong=True)
        return replace(found, kind=FeedbackKind.CORRECTION, wrong=True)
    return replace(found, wrong=True)


def _asked(text: str) -> Feedback | None:
    plain = _bare(text)
    polite = _POLITE.match(plain)
    if polite:
        plain = plain[polite.end() :]
    plain = _PLACE.sub("", plain)
    if plain.endswith(("?", "？", "吗")):
        return None
    keep = _KEEP.fullmatch(plain)
    if keep:
        return _plain(keep["what"])
    forget = _FORGET_TURNED.fullmatch(plain) or _FORGET.fullmatch(plain)
    if forget:
        what = "" if _VAGUE.fullmatch(forget["what"]) else forget["what"]
        return Feedback(FeedbackKind.FORGETTING, statement=what)
    return _replaced(plain)


def _replaced(plain: str) -> Feedback | None:
    for pattern in (_RENAMED, _USE):
        match = pattern.fullmatch(plain)
        if match:
            return _replacement(match["old"], match["new"])
    match = _TURNED.fullmatch(plain) or _ALL.fullmatch(plain)
    if match:
        old, new = match["old"], match["new"]
        whole = match["all"] or match["every"] or "替换" in plain
        if not whole and (old.startswith("我") or (_DIGIT.search(new) and not _DIGIT.search(old))):
            return _set(old, new)
        return _replacement(old, new)
    match = _NOW_CALLED.fullmatch(plain)
    return _replacement(match["old"], match["new"]) if match else None


def _replacement(old: str, new: str) -> Feedback:
    return Feedback(FeedbackKind.REPLACEMENT, old=_value(old), new=_value(new))


def _set(topic: str, new: str) -> Feedback:
    value = _value(new)
    return Feedback(FeedbackKind.CORRECTION, new=value, topic=topic, statement=f"{topic}是{value}")


def _contrasted(text: str) -> Feedback | None:
    plain = _bare(text)
    if plain.endswith(("?", "？", "吗")):
        return None
    match = _NOT_OLD_BUT_NEW.fullmatch(plain)
    if match:
        topic, value = match["head"].strip("，, 它这"), _value(match["new"])
        statement = f"{topic}是{value}" if topic else ""
        return Feedback(
            FeedbackKind.CORRECTION, old=_value(match["old"]), new=value, statement=statement
        )
    match = _NEW_NOT_OLD.fullmatch(plain)
    if match:
        head, old = match["head"], _value(match["old"])
        new = tail_like(head, old)
        statement = "" if _value(_ANCHOR.sub("", head, count=1)) == new else head
        if new and new != old:
            return Feedback(FeedbackKind.CORRECTION, old=old, new=new, statement=statement)
    match = _SHOULD_BE.fullmatch(plain)
    if match and match["topic"].strip("它这，, "):
        return _set(match["topic"], match["new"])
    if match:
        return Feedback(FeedbackKind.CORRECTION, new=_value(match["new"]), wrong=True)
    return None


def tail_like(head: str, old: str) -> str:
    """What stands at the end of a sentence in the place of `old`: after the last verb or "是"."""
    anchors = list(_ANCHOR.finditer(head))
    if anchors and anchors[-1].end() < len(head):
        tail = _value(head[anchors[-1].end() :])
        return tail if _DOING.search(old) else _DOING.sub("", tail)
    return _value(head[-len(old) :])


def _plain(text: str) -> Feedback:
    if _bare(text).endswith(("?", "？", "吗")):
        return Feedback(FeedbackKind.NONE)
    return Feedback(FeedbackKind.ADDITION, statement=text.strip())


def _bare(text: str) -> str:
    return text.strip().rstrip("。.!！；; ")


def _value(text: str) -> str:
    return _bare(text).strip("“”\"'‘’「」 ，,")
