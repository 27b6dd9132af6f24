"""Who said a message: the given name, a leading "Name: " in the text, or the role."""

import re

from memos.mem_reader.lexicon import words
from memos.types.language import CJK
from memos.types.message import Message

_LATIN_NAME = re.compile(
    r"\s*(?P<name>[A-Z][\w'’.-]{0,30}(?: [A-Z][\w'’.-]{0,30}){0,2})[ \t]?[:：](?!//)(?!\d)[ \t]*",
)
_CHINESE_NAME = re.compile(rf"\s*(?P<name>[{CJK}]{{1,6}})[:：](?!\d)[ \t]*")
_NOT_NAMES = words(
    "note notes warning question answer example examples summary todo update edit ps re fwd "
    "subject topic title task tasks goal goals step steps input output error tip tips http "
    "https ftp file name age job city country address email phone birthday hobby hobbies "
    "hometown occupation gender height weight language languages location education skills "
    "interests food drink drinks sport sports music movie movies book books color colour "
    "allergies diet date time place price total result results context background info "
    "information important remember reminder hint correction system user assistant tool human "
    "ai bot request instruction instructions code python javascript java sql monday tuesday "
    "wednesday thursday friday saturday sunday today yesterday tomorrow morning afternoon "
    "evening breakfast lunch dinner yes no ok okay thanks pros cons plan plans option options "
    "fact facts likes dislikes favorite favourite favorites favourites preferred q a"
)
_LABEL_WORDS = frozenset(
    {"favorite", "favourite", "preferred", "types", "topics", "what", "my", "the", "things"}
)
_NOT_CHINESE_NAMES = re.compile(
    "注意|备注|提示|说明|问题|问|答|例如|比如|举例|总结|更新|姓名|年龄|职业|性别|爱好|城市|地址|电话|生日|"
    "身高|体重|语言|时间|地点|日期|价格|结果|背景|信息|重要|记住|更正|系统|用户|助手|喜欢|偏好|最爱|要求|需求|"
    "目标|任务|计划|方案|优点|缺点|步骤|内容|主题|标题|原因|结论|建议|早餐|午餐|晚餐|今天|明天|昨天|我|你|他|她|"
    "是|的|说|如下|以下|包括|类型|上午|下午|早上|晚上|住址|名字|家乡|学校|公司|专业|兴趣|饮食|过敏"
)


def speaker_of(message: Message) -> str:
    """Name of who said a message, else its role."""
    return message.name or _prefix(message.text)[0] or message.role


def is_named(message: Message) -> bool:
    """Whether the message says by name who speaks."""
    return speaker_of(message) != message.role


def spoken_text(message: Message) -> tuple[str, int]:
    """The text without a leading "Name: ", and where in `message.text` it begins."""
    name, end = _prefix(message.text)
    if name is None or (message.name and not _same(name, message.name)):
        return message.text, 0
    return message.text[end:], end


def _same(first: str, second: str) -> bool:
    return first.casefold() in second.casefold() or second.casefold() in first.casefold()


def _prefix(text: str) -> tuple[str | None, int]:
    match = _LATIN_NAME.match(text)
    if match is not None:
        words = match["name"].lower().split()
        label = words[-1].strip(".") in _NOT_NAMES or words[0] in _NOT_NAMES | _LABEL_WORDS
        return (None, 0) if label else (match["name"], match.end())
    match = _CHINESE_NAME.match(text)
    if match is not None and not _NOT_CHINESE_NAMES.search(match["name"]):
        return match["name"], match.end()
    return None, 0
