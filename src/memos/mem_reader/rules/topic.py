"""Labels of a statement: topics, names, a short title."""

import re

from memos.mem_reader.lexicon import ADVERBS, BASE_VERBS, PAST_FORMS, words
from memos.mem_reader.rules.filler import content_words
from memos.types.chat_time import MONTHS

MOST_TAGS = 4
KEY_LENGTH = 60
_CHINESE_KEY_LENGTH = 24

_TOPICS: tuple[tuple[str, str, str, str], ...] = (
    ("travel", "旅行", "travel trip vacation holiday flight hotel tour beach hike hiking camping camp "
     "roadtrip itinerary airport passport visit museum abroad tourist inn", "旅行|旅游|出行|出游|出去玩|酒店|机票|航班|"
     "景点|度假|民宿|签证|行程|爬山|露营|自驾"),
    ("food", "美食", "food eat eating cook cooking recipe restaurant dinner lunch breakfast spicy vegan "
     "vegetarian meal bake baking cake pizza coffee tea drink wine beer snack dessert dish cuisine meat "
     "pork beef fish fruit chocolate", "吃|喝|菜|饭|辣|甜|餐厅|火锅|美食|水果|咖啡|茶|酒|烘焙|做饭|口味|素食|油腻|海鲜|早餐|午餐|晚餐"),
    ("work", "工作", "work job office boss colleague coworker career company manager project meeting "
     "interview promotion salary startup business client engineer", "工作|上班|公司|老板|同事|职业|项目|面试|"
     "升职|工资|创业|客户|会议|出差|程序员|工程师"),
    ("family", "家庭", "family wife husband son daughter mother mom mum father dad parent brother sister "
     "kid kids child children grandma grandmother grandpa baby cousin aunt uncle niece nephew married",
     "家人|全家|孩子|老婆|老公|妻子|丈夫|儿子|女儿|妈妈|爸爸|父母|母亲|父亲|哥哥|弟弟|姐姐|妹妹|爷爷|奶奶|老人|结婚|宝宝"),
    ("health", "健康", "health doctor hospital sick ill pain sore knee allergy allergic allergies medicine "
     "diet sleep therapy diabetes blood injury surgery symptom headache weight", "健康|医生|医院|生病|疼|痛|过敏|药|减肥|"
     "睡眠|失眠|血压|血糖|糖尿病|手术|感冒|发烧|膝盖|体检"),
    ("exercise", "运动", "run running ran marathon gym workout yoga swim swimming bike biking exercise fitness "
     "sport football soccer basketball tennis climbing training kilometers race", "跑步|跑了|运动|健身|瑜伽|游泳|骑车|足球|篮球|"
     "网球|羽毛球|马拉松|公里|锻炼"),
    ("weather", "天气", "weather rain sunny cloudy snow temperature storm degrees windy humid forecast",
     "天气|下雨|晴|多云|下雪|气温|温度|台风|阴天"),
    ("music", "音乐", "music song band concert guitar piano violin album singer singing sing jazz",
     "音乐|歌|乐队|演唱会|吉他|钢琴|小提琴|唱"),
    ("movies", "电影", "movie film cinema tv series netflix actor comedy drama sci-fi", "电影|电视剧|剧集|影片|追剧|综艺|演员|影院"),
    ("reading", "阅读", "book read reading novel author library poem poetry literature", "书|阅读|小说|作者|图书馆|诗"),
    ("study", "学习", "study studying school university college exam course class degree learn learning "
     "teacher student homework research thesis education graduate graduated", "学习|学校|大学|考试|课程|毕业|老师|学生|作业|论文|读研|专业"),
    ("pets", "宠物", "dog cat puppy kitten pet pets vet", "狗|猫|宠物|铲屎"),
    ("art", "艺术", "art paint painting painted draw drawing pottery sculpture photography gallery craft design",
     "艺术|画|绘画|陶艺|摄影|雕塑|手工|设计"),
    ("games", "游戏", "game games gaming videogame chess tournament console", "游戏|电竞|象棋|围棋|桌游"),
    ("technology", "科技", "computer laptop phone software app code coding programming python ai data server "
     "macbook iphone android linux intel technology", "电脑|手机|软件|代码|编程|人工智能|数据|服务器|科技|算法"),
    ("home", "居住", "home house apartment live lives moved move rent neighborhood garden gardening furniture",
     "住在|住|搬家|搬到|房子|公寓|租房|小区|装修|家具"),
    ("finance", "财务", "money budget bank invest investment stock loan savings tax price cost buy bought pay",
     "钱|预算|银行|投资|股票|贷款|存款|税|价格|买"),
    ("relationships", "社交", "friend friends girlfriend boyfriend partner dating date wedding engaged divorce party",
     "朋友|女朋友|男朋友|对象|约会|婚礼|恋爱|聚会"),
    ("feelings", "情绪", "happy sad anxious stressed lonely angry worried afraid fear depressed nervous grateful proud",
     "开心|难过|焦虑|压力|孤独|生气|担心|害怕|抑郁|紧张|感恩"),
    ("plans", "计划", "plan plans planning goal goals dream hope schedule deadline resolution", "计划|打算|目标|梦想|希望|安排|截止"),
    ("shopping", "购物", "shopping shop store mall order ordered brand clothes shoes", "购物|商场|下单|品牌|衣服|鞋"),
    ("car", "汽车", "car driving prius tesla motorcycle garage license", "汽车|开车|驾照|车"),
    ("religion", "信仰", "church god faith religion temple prayer", "信仰|教堂|寺庙|宗教"),
    ("volunteering", "公益", "volunteer volunteering charity donate donation shelter community fundraiser", "志愿|公益|慈善|捐"),
)  # fmt: skip
_WORD = re.compile(r"[a-z][a-z-]+")
_ENGLISH_TOPICS: dict[str, str] = {w: en for en, _, ws, _ in _TOPICS for w in ws.split()}
_CHINESE_TOPICS = tuple((re.compile(pattern), zh) for _, zh, _, pattern in _TOPICS)

_NAME = re.compile(
    r"(?<![.!?:\"“'\n\]] )(?<!^)\b(?:(?:Dr|Mr|Mrs|Ms|Prof)\. )?[A-Z0-9][\w'’&-]*(?:(?: (?:of|the|de|la))? [A-Z][\w'’&-]*){0,4}"
)
_TITLE = re.compile(r"《([^》\n]{1,40})》|“([^”\n]{2,40})”|\"([^\"\n]{2,40})\"|「([^」\n]{1,40})」")
_CHINESE_PLACE = re.compile(
    r"(?:(?![去了在到我的是们户订个这那和与从给帮为上下第年次荐])[\u4e00-\u9fff]){2,6}(?:大学|公司|医院|酒店|中学|小学|银行|集团|学院|机场|公园|博物馆|餐厅)"
)
_CITIES = re.compile(
    "北京|上海|广州|深圳|杭州|成都|重庆|武汉|西安|南京|苏州|天津|长沙|郑州|青岛|大连|厦门|昆明|哈尔滨|沈阳|济南|福州|"
    "合肥|南昌|贵阳|南宁|海口|三亚|拉萨|兰州|西宁|银川|太原|石家庄|长春|乌鲁木齐|呼和浩特|香港|澳门|台北|云南|四川|"
    "广东|浙江|江苏|山东|河南|河北|湖南|湖北|福建|海南|新疆|西藏|日本|韩国|美国|英国|法国|德国|泰国|新加坡|东京|"
    "首尔|纽约|伦敦|巴黎|丽江|大理|桂林|珠海|宁波|无锡|东莞|佛山"
)
_NOT_ENTITIES = words(
    "I I'm I've I'd I'll The A An My Our Monday Tuesday Wednesday Thursday Friday Saturday Sunday "
    "January February March April May June July August September October November December He She "
    "It They We You This That These Those And But So OK Okay Yes No Not If When"
)


def entities_of(text: str) -> tuple[str, ...]:
    """Names in a statement, in order: capitalised words inside sentences, titles, Chinese places."""
    found: dict[str, None] = {}
    for match in _TITLE.finditer(text):
        found[next(group for group in match.groups() if group)] = None
    for match in _NAME.finditer(text):
        name = re.sub(r"['’]s$", "", match[0])
        dated = any(word.lower() in MONTHS for word in name.split())
        bare_number = name[0].isdigit() and " " not in name
        if len(name) > 1 and not (dated or bare_number or name in _NOT_ENTITIES):
            found[name] = None
    for pattern in (_CHINESE_PLACE, _CITIES):
        for match in pattern.finditer(text):
            if not any(match[0] in known for known in found):
                found[match[0]] = None
    return tuple(found)[:12]


def topics_of(text: str, *, chinese: bool) -> list[str]:
    """Topics of a text in its language, the most frequent first."""
    counts: dict[str, int] = {}
    if chinese:
        for pattern, name in _CHINESE_TOPICS:
            hits = sum(1 for _ in pattern.finditer(text))
            if hits:
                counts[name] = hits
    else:
        for word in _WORD.findall(text.lower()):
            topic = _ENGLISH_TOPICS.get(word) or _ENGLISH_TOPICS.get(word.removesuffix("s"))
            if topic:
                counts[topic] = counts.get(topic, 0) + 1
    return sorted(counts, key=lambda name: -counts[name])


def tags_of(
    text: str, entities: tuple[str, ...], candidates: tuple[str, ...], *, chinese: bool
) -> tuple[str, ...]:
    """One to four labels of a statement, and those of the caller's candidates that fit.

    A candidate fits when the text contains it, or when it speaks of a topic of the text. Labels
    that differ in case only are one, as the caller writes it.
    """
    topics = topics_of(text, chinese=chinese)
    found = topics[: MOST_TAGS - 1]
    found += [name for name in entities if name not in found][: MOST_TAGS - len(found)]
    if not found:
        found = _salient(text, chinese=chinese)
    fitting = [tag for tag in candidates if _fits(tag, text, topics, chinese=chinese)]
    spelled = {tag.casefold(): tag for tag in fitting}
    return tuple(dict.fromkeys(spelled.get(tag.casefold(), tag) for tag in [*found, *fitting]))


def _fits(tag: str, text: str, topics: list[str], *, chinese: bool) -> bool:
    if tag.lower() in text.lower():
        return True
    theirs = topics_of(tag, chinese=chinese) + ([tag.lower()] if tag.lower() in topics else [])
    return bool(set(theirs) & set(topics))


def _salient(text: str, *, chinese: bool) -> list[str]:
    if chinese:
        return ["信息"]
    plain = [
        word
        for word in content_words(text)
        if word not in BASE_VERBS | PAST_FORMS | ADVERBS and not word.endswith(("ed", "ing", "ly"))
    ]
    return [word for word in plain if len(word) > 3 and word.isalpha()][:2] or ["information"]


def key_of(value: str, *, chinese: bool) -> str:
    """Short title of a statement: its first clause without the subject, at most 60 characters."""
    plain = re.sub(r"^\[assistant(?: view|观点)\]\s*", "", value)
    if chinese:
        clause = re.split(
            r"[，。；！？,\n]", plain.removeprefix("用户").removeprefix("的"), maxsplit=1
        )[0]
        return (clause or plain)[:_CHINESE_KEY_LENGTH]
    plain = re.sub(r"^The (?:user|assistant)(?:'s)? (?:is |has |was )?", "", plain)
    title = re.split(r"(?<=\w)[.!?;\n]", plain, maxsplit=1)[0].strip(" \"'")
    if len(title) > KEY_LENGTH:
        title = title[: KEY_LENGTH + 1].rpartition(" ")[0] or title[:KEY_LENGTH]
    return title[:1].upper() + title[1:].rstrip(" ,:;-")
