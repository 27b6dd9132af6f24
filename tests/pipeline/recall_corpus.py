"""A small corpus of our own: twelve dialogues in English and Chinese with known evidence.

Everything follows from the seed. In each English dialogue both speakers state the same kinds of
facts with different values, so that a question is answered only by the right speaker's turn; some
answers stand after a question and share no word with it; every fact is asked for in other words
than it was stated in, and lies among small talk.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from memos.evaluation.corpus import Corpus, Dialogue, Question, Session, Turn

_DAY_MS = 86_400_000
_START = 1_672_567_200_000  # 1 January 2023, 10:00 UTC
_SESSIONS = 6


@dataclass(frozen=True)
class Fact:
    """A fact: turns that state it, the last one the evidence, and how it is asked for."""

    kind: str
    said: str
    asked: str
    prompt: str = ""
    values: tuple[str, ...] = ()


ENGLISH = (
    Fact(
        "pet",
        "We finally adopted a rescue {0}, and the kids named her {1}.",
        "What name was given to {who}'s animal?",
        values=("beagle/Waffles", "tabby cat/Juniper", "parrot/Captain", "greyhound/Noodle"),
    ),
    Fact(
        "move",
        "I signed the lease yesterday, so from next month my address is in {0}.",
        "Which city is {who} going to live in?",
        values=("Lisbon", "Gothenburg", "Valencia", "Ghent"),
    ),
    Fact(
        "job",
        "Guess what, the {0} hired me as a {1}, and I start on Monday.",
        "What position did {who} get?",
        values=(
            "hospital/night nurse",
            "zoo/vet assistant",
            "harbour/crane operator",
            "opera/tailor",
        ),
    ),
    Fact(
        "training",
        "A {0}, and I already run four mornings a week for it.",
        "What is {who} preparing for?",
        prompt="You look fit lately. Is there something you are working towards?",
        values=("half marathon", "triathlon", "mountain race", "relay across the island"),
    ),
    Fact(
        "allergy",
        "The doctor was clear: one bite of {0} and I need the injection again.",
        "Which food must {who} avoid?",
        values=("peanuts", "shellfish", "sesame", "cashews"),
    ),
    Fact(
        "instrument",
        "I bought a second-hand {0} and practise every evening after dinner.",
        "What is {who} learning to play?",
        values=("cello", "accordion", "clarinet", "banjo"),
    ),
    Fact(
        "sibling",
        "My sister {0} opened a {1} with her savings.",
        "What business does {who}'s sibling run?",
        values=("Ida/flower shop", "Ruth/bicycle workshop", "Nora/bakery", "Elsa/bookshop"),
    ),
    Fact(
        "trip",
        "We spent the long weekend hiking around {0}, and it rained the whole time.",
        "Where did {who} go walking in bad weather?",
        values=("Lake Bled", "the Faroe Islands", "Snowdonia", "the Tatra mountains"),
    ),
    Fact(
        "book",
        "{0}, it kept me awake until three.",
        "Which novel could {who} not put down?",
        prompt="What have you been reading these days?",
        values=("Middlemarch", "The Leopard", "Kindred", "Solaris"),
    ),
    Fact(
        "repair",
        "The {0} broke down again, and the mechanic wants {1} euros.",
        "How much would it cost {who} to fix the machine?",
        values=("van/900", "dishwasher/240", "boiler/1300", "tractor/2100"),
    ),
    Fact(
        "volunteer",
        "On Saturdays I help out at the {0}, mostly with the little ones.",
        "Where does {who} do unpaid work?",
        values=("animal shelter", "refugee centre", "food bank", "youth chess club"),
    ),
    Fact(
        "colour",
        "We painted the bedroom {0} in the end, although everybody advised against it.",
        "What does the room look like in which {who} sleeps?",
        values=("dark green", "terracotta", "mustard yellow", "lilac"),
    ),
    Fact(
        "project",
        "The {0} prototype passed, and the board wants {1} of them by autumn.",
        "How many {0} units are wanted?",
        values=("Kestrel/forty", "Osprey/ninety", "Merlin/sixty", "Goshawk/seventy"),
    ),
    Fact(
        "gift",
        "I wrapped the {0} for {1} last night, and it does not fit any box.",
        "Who gets the {0}?",
        values=("telescope/Grandpa", "kite/Milo", "samovar/Aunt Vera", "unicycle/Felix"),
    ),
)
VISITS = (
    "Today I drove out to see {0}, and we talked for hours.",
    "Whom did {who} go to see on {day}?",
    ("my godmother", "Professor Lind", "the twins", "old Mr Baker", "cousin Mara", "my first boss"),
)
"""Said three times by each speaker, a session apart; only the day tells them apart."""
CHINESE = (
    Fact("宠物", "我上周领养了一只{0}，给它取名叫{1}。", "我家的小动物叫什么名字？",
         values=("橘猫/年糕", "柯基/土豆", "鹦鹉/话痨", "兔子/棉花")),
    Fact("搬家", "合同签好了，下个月我就搬到{0}去住。", "我以后在哪个城市生活？",
         values=("苏州", "昆明", "厦门", "长沙")),
    Fact("工作", "{0}录用我了，职位是{1}，周一报到。", "我找到了什么工作？",
         values=("儿童医院/护士", "出版社/编辑", "动物园/饲养员", "设计院/工程师")),
    Fact("过敏", "医生说我绝对不能碰{0}，上次差点住院。", "我吃什么会出问题？",
         values=("花生", "虾蟹", "芒果", "牛奶")),
    Fact("乐器", "我买了一把二手的{0}，每天晚饭后练一小时。", "我在学哪种音乐？",
         values=("大提琴", "二胡", "吉他", "琵琶")),
    Fact("姐姐", "我姐姐用积蓄开了一家{0}。", "我的家人做什么生意？",
         values=("花店", "面包房", "书店", "修车铺")),
    Fact("旅行", "长假我们去{0}徒步，一路都在下雨。", "我放假的时候去哪里走路了？",
         values=("张家界", "黄山", "稻城", "雨崩")),
    Fact("书", "最近在看《{0}》，昨晚读到三点。", "哪本小说让我熬夜？",
         values=("围城", "三体", "边城", "活着")),
    Fact("维修", "家里的{0}又坏了，师傅要收{1}块。", "修东西花了多少钱？",
         values=("热水器/450", "洗衣机/320", "空调/680", "冰箱/560")),
    Fact("义工", "周六我都去{0}帮忙，主要陪小朋友。", "我在哪里做志愿者？",
         values=("福利院", "社区图书馆", "流浪动物站", "少年宫")),
    Fact("项目", "{0}项目通过了，年底要交{1}台样机。", "{0}要交多少台？",
         values=("蓝雀/四十", "雪豹/九十", "白鹭/六十", "海燕/七十")),
    Fact("礼物", "我昨晚把{0}包好了，准备送给{1}。", "{0}是给谁的？",
         values=("望远镜/外公", "风筝/小侄子", "茶壶/王老师", "滑板/表弟")),
)  # fmt: skip
SHELVES = (
    "I put the {0} on shelf {1}.",
    "What is kept on shelf {code}?",
    (
        "brushes",
        "lanterns",
        "ropes",
        "buckets",
        "jars",
        "candles",
        "hinges",
        "blankets",
        "spare bulbs",
        "seed trays",
        "old maps",
        "paint rollers",
        "door handles",
        "tent poles",
    ),
)
"""One speaker says all of them in one session; only a code that has no meaning tells them apart."""
SMALL_TALK = (
    "Ha, that sounds just like you.",
    "The weather has been odd all week, has it not?",
    "I should really sleep more, honestly.",
    "Anyway, how is everything else going over there?",
    "Thanks for listening, it always helps to talk.",
    "I have to run in a minute, the bus will not wait.",
    "Same here, the weeks simply fly by.",
    "Let us get coffee soon, it has been too long.",
    "Traffic was terrible on the way home.",
    "My phone keeps losing its charge at noon.",
)
CHAT = (
    "哈哈，这很像你会做的事。", "最近天气真奇怪。", "我真该早点睡觉。", "其他事情都还顺利吗？",
    "谢谢你听我说这些。", "我得先走了，车不等人。", "时间过得真快啊。", "改天一起喝咖啡吧。",
    "回家路上堵得厉害。", "手机一到中午就没电。",
)  # fmt: skip
NAMES = (
    ("Petra", "Oskar"), ("Amina", "Leo"), ("Clara", "Tomas"),
    ("Ingrid", "Samir"), ("Bea", "Viktor"), ("Hanna", "Diego"),
)  # fmt: skip


def recall_corpus(seed: int = 11) -> Corpus:
    """Six English and six Chinese dialogues of about sixty turns each."""
    rng = random.Random(seed)
    english = [_english(f"en-{i}", names, rng) for i, names in enumerate(NAMES)]
    chinese = [_chinese(f"zh-{i}", rng) for i in range(6)]
    return Corpus(f"recall gate, seed {seed}", (*english, *chinese), {})


def _english(name: str, names: tuple[str, str], rng: random.Random) -> Dialogue:
    told: list[tuple[Fact, str, str]] = []
    for fact in ENGLISH:
        first, second = rng.sample(fact.values, 2)
        told += [(fact, names[0], first), (fact, names[1], second)]
    rng.shuffle(told)
    scenes = []
    for fact, who, value in told:
        other = names[1] if who == names[0] else names[0]
        before = fact.prompt or rng.choice(SMALL_TALK)
        said = fact.said.format(*value.split("/"))
        asked = fact.asked.format(*value.split("/"), who=who)
        scenes.append(([(other, before), (who, said)], fact.kind, asked))
        scenes.append(([(rng.choice(names), rng.choice(SMALL_TALK))], "", ""))
    seen = iter(rng.sample(VISITS[2], 6))
    for session in (0, 2, 4):
        for who, other in (names, names[::-1]):
            lines = [(other, rng.choice(SMALL_TALK)), (who, VISITS[0].format(next(seen)))]
            asked = VISITS[1].replace("{who}", who)
            scenes.insert(session * (len(scenes) // _SESSIONS), (lines, "visit", asked))
    codes = rng.sample(range(100, 1000), len(SHELVES[2]))
    shelves = []
    for thing, number in zip(SHELVES[2], codes, strict=True):
        code = f"QX{number}"
        said = SHELVES[0].format(thing, code)
        lines = [(names[0], rng.choice(SMALL_TALK)), (names[1], said)]
        shelves.append((lines, "shelf", SHELVES[1].replace("{code}", code)))
    scenes[len(scenes) // 2 : len(scenes) // 2] = shelves
    return _dialogue(name, names, scenes)


def _chinese(name: str, rng: random.Random) -> Dialogue:
    told = [(fact, rng.choice(fact.values)) for fact in CHINESE]
    rng.shuffle(told)
    scenes = []
    for fact, value in told:
        said = fact.said.format(*value.split("/"))
        turns = [("assistant", rng.choice(CHAT)), ("user", said), ("assistant", rng.choice(CHAT))]
        scenes.append((turns, fact.kind, fact.asked.format(*value.split("/"))))
        scenes.append(([("user", rng.choice(CHAT)), ("assistant", rng.choice(CHAT))], "", ""))
    return _dialogue(name, ("user", "assistant"), scenes)


def _dialogue(
    name: str,
    speakers: tuple[str, str],
    scenes: Sequence[tuple[list[tuple[str, str]], str, str]],
) -> Dialogue:
    """Scenes spread over the sessions, nine days apart; the second turn of a fact is its evidence."""
    sessions: list[Session] = []
    questions: list[Question] = []
    size = -(-len(scenes) // _SESSIONS)
    for number in range(_SESSIONS):
        time = _START + number * 9 * _DAY_MS
        day = f"{datetime.fromtimestamp(time / 1000, timezone.utc):%-d %B %Y}"
        turns: list[Turn] = []
        for lines, kind, asked in scenes[number * size : (number + 1) * size]:
            ids = [f"S{number}:{len(turns) + i}" for i in range(len(lines))]
            for turn_id, (speaker, text) in zip(ids, lines, strict=True):
                role = "user" if speaker == speakers[0] else "assistant"
                turns.append(Turn(turn_id, speaker, role, text, time))
            if asked:
                text = asked.replace("{day}", day)
                category = f"{name[:2]} {kind}"
                questions.append(Question(f"{name}/{len(questions)}", text, category, (ids[1],)))
        if turns:
            sessions.append(Session(f"session-{number}", time, tuple(turns)))
    return Dialogue(name, tuple(sessions), tuple(questions))
