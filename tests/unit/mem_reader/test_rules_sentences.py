"""Single statements, read by rules: what is written, what is dropped, what kind it is."""

import pytest

from memos.types.chat_time import parse_chat_time
from memos.types.memory import MemoryKind
from tests.unit.mem_reader.turns import SAID, read, turn, turns, values

ENGLISH = [
    ("I'm a nurse at a children's hospital.", "The user is a nurse at a children's hospital."),
    ("I've lived in Oslo for six years.", "The user has lived in Oslo for six years."),
    ("I have two cats.", "The user has two cats."),
    ("I was born in Lagos.", "The user was born in Lagos."),
    ("I don't own a car.", "The user does not own a car."),
    ("I haven't been to Asia.", "The user has not been to Asia."),
    ("I can't swim.", "The user can't swim."),
    ("I didn't get the job.", "The user didn't get the job."),
    ("I won't fly with that airline again.", "The user won't fly with that airline again."),
    ("I never finished school.", "The user never finished school."),
    ("I'm not married.", "The user is not married."),
    ("I study law and work at a bakery.", "The user studies law and works at a bakery."),
    ("I usually wake up at 6 am and go for a run.",
     "The user usually wakes up at 6 am and goes for a run."),
    ("I want to learn and teach chess.", "The user wants to learn and teach chess."),
    ("I try to carry my own bag.", "The user tries to carry their own bag."),
    ("I teach my kids at home.", "The user teaches their kids at home."),
    ("I'd been a smoker before the surgery.", "The user had been a smoker before the surgery."),
    ("I'd buy a bigger flat.", "The user would buy a bigger flat."),
    ("I'll visit Peru with my aunt.", "The user will visit Peru with their aunt."),
    ("My sister lives in Paris.", "The user's sister lives in Paris."),
    ("My wife and I run a small hotel.", "The user and their wife run a small hotel."),
    ("Our flat has three rooms.", "The user's flat has three rooms."),
    ("The boss gave me a raise.", "The boss gave the user a raise."),
    ("We adopted a dog named Rex.", "The user adopted a dog named Rex."),
    ("That red bike is mine.", "That red bike is the user's."),
    ("I taught myself Python.", "The user taught themselves Python."),
    ("If I were rich, I'd buy a boat.", "If the user were rich, the user would buy a boat."),
    ("I read a book about World War I tanks.", "The user read a book about World War I tanks."),
    ('My boss said "I will fire you" and left.',
     'The user\'s boss said "I will fire you" and left.'),
    ("I gotta renew my visa.", "The user has to renew their visa."),
    ("Gonna repaint the kitchen!", "The user is going to repaint the kitchen."),
    ("Just got a new telescope!", "The user just got a new telescope."),
    ("Planning to sell my guitar.", "The user is planning to sell their guitar."),
    ("Taking long walks is good for my back.", "Taking long walks is good for the user's back."),
    ("I own two boats, they're small and get me home.",
     "The user owns two boats, they're small and get the user home."),
    ("lol i failed my driving test again 😂", "The user failed their driving test again."),
    ("MY BOSS FIRED ME!!!", "The user's BOSS FIRED the user."),
    ("I'm not tired. My wife is.", "The user is not tired. Their wife is."),
    ("Could you remind me that my passport expires on 12 January 2027?",
     'The user asked: "Could you remind me that my passport expires on 12 January 2027?"'),
    ("My name's Priya.", "The user's name is Priya."),
    ("I no longer work at Acme.", "The user no longer works at Acme."),
    ("You should know that I am deaf in one ear.", "The user is deaf in one ear."),
    ("I leave on the 3rd of July.", "The user leaves on the 3rd of July (2026)."),
    ("I, too, have a dog.", "The user, too, has a dog."),
    ("I bake bread and sell it.", "The user bakes bread and sells it."),
    ("I think you work too hard.", "The user thinks the assistant works too hard."),
    ("We all went home together.", "The user and others all went home together."),
    ("Yeah, I sold the boat!", "The user sold the boat."),
    ("Thanks, Anna! I passed the bar exam.", "The user passed the bar exam."),
    ("Remember that my locker number is 212.", "The user's locker number is 212."),
    ("By the way, I finished my thesis.", "The user finished their thesis."),
    ("The office closes at noon on holidays.", "The office closes at noon on holidays."),
    ("i dont have a driving license", "The user does not have a driving license."),
    ("I lost my ring, can you help me?", "The user lost their ring."),
    ("I'm moving to Kyoto - what should I pack?", "The user is moving to Kyoto."),
    ("Since I broke my arm, how can I type?", "The user broke their arm."),
    ("My phone is an old Pixel, so please suggest small apps.", "The user's phone is an old Pixel."),
    ("Is it fine if I bring my son, who is allergic to bees?",
     'The user asked: "Is it fine if I bring my son, who is allergic to bees?"'),
    ("You are helping me a lot with my thesis on whales.",
     "The assistant is helping the user a lot with the user's thesis on whales."),
]  # fmt: skip

CHINESE = [
    ("我是一名护士。", "用户是一名护士。"),
    ("我叫陈晨", "用户叫陈晨。"),
    ("我们家有两只猫！", "用户家有两只猫。"),
    ("我没去过日本。", "用户没去过日本。"),
    ("我不会游泳", "用户不会游泳。"),
    ("我的生日是三月五号", "用户的生日是三月五号。"),
    ("我妈妈是老师。", "用户妈妈是老师。"),
    ("最近在学吉他，每天练一个小时呢。", "用户最近在学吉他，每天练一个小时。"),
    ("打算换一份工作", "用户打算换一份工作。"),
    ("老板给我涨了工资", "老板给用户涨了工资。"),
    ("对了，我考过了驾照", "用户考过了驾照。"),
    ("我家小区叫“我爱我家”", "用户家小区叫“我爱我家”"),
    ("我国有很多河流", "我国有很多河流。"),
    ("我想买一台相机，预算五千，有什么推荐？", "用户想买一台相机，预算五千。"),
    ("我要去北京出差，帮我订个酒店", "用户要去北京出差。"),
    ("请记住：我的工号是A17。", "用户的工号是A17。"),
    ("我妈有高血压，你觉得她能吃柚子吗？", "用户妈妈有高血压。"),
    ("我跟你说，我昨晚看了球赛", "用户昨晚（2025年9月11日）看了球赛。"),
    ("我女儿不吃海鲜，麻烦注意一下。", "用户女儿不吃海鲜。"),
    ("帮我记一下，我的车牌号是京A12345", "用户的车牌号是京A12345。"),
    ("你要记住我是左撇子", "用户是左撇子。"),
    ("现在改喝茶了", "用户现在改喝茶了。"),
    (
        "周末会去游泳。不过这个月太忙了，一次都没去。",
        "用户周末会去游泳。不过这个月（2025年9月）太忙了，一次都没去。",
    ),
]

DROPPED = [
    "Hey Mel! Good to see you! How have you been?",
    "Hi there!",
    "Good morning everyone",
    "Thanks so much!",
    "Thank you for your help.",
    "Wow, that's awesome!",
    "Okay",
    "Sure, sounds good.",
    "Got it.",
    "Haha",
    "You're welcome!",
    "Take care, talk to you soon!",
    "Have a great day!",
    "I love it!",
    "I totally agree.",
    "What is the capital of France?",
    "How does a heat pump work?",
    "Can you write a poem?",
    "Write a poem about the sea.",
    "Tell me a joke",
    "Please translate this sentence.",
    "Recommend three films.",
    "👍👍",
    "...",
    "你好！",
    "好的，收到",
    "谢谢你！",
    "嗯嗯，明白了",
    "哈哈哈哈",
    "没问题",
    "晚安",
    "今天天气怎么样？",
    "你能介绍一下量子力学吗？",
    "帮我写一封请假邮件",
    "推荐几部电影吧",
    "怎么煮鸡蛋",
]

PREFERENCES = [
    ("I like spicy food.", "The user likes spicy food."),
    ("I really love hiking in the rain.", "The user really loves hiking in the rain."),
    ("I prefer tea over coffee.", "The user prefers tea over coffee."),
    ("I do not like heavy oil.", "The user does not like heavy oil."),
    ("I hate getting up early.", "The user hates getting up early."),
    ("I can't stand durian.", "The user can't stand durian."),
    ("I don't eat pork.", "The user does not eat pork."),
    ("I never drink coffee after noon.", "The user never drinks coffee after noon."),
    ("I'm allergic to peanuts.", "The user is allergic to peanuts."),
    ("I am vegetarian.", "The user is vegetarian."),
    ("I'm not a fan of horror films.", "The user is not a fan of horror films."),
    ("I'd rather take the train.", "The user would rather take the train."),
    ("My favorite color is green.", "The user's favorite color is green."),
    ("Jazz is my favorite.", "Jazz is the user's favorite."),
    ("Favorite food: ramen", "The user's favorite food: ramen"),
    ("Please always answer in French.", "The user asks the assistant to always answer in French."),
    ("From now on, don't use emojis.",
     "The user asks the assistant not to use emojis from now on."),
    ("im allergic to bees", "The user is allergic to bees."),
    ("I'd like you to call me Dr. Lee.", "The user asks the assistant to call the user Dr. Lee."),
    ("Can you always cite sources?", "The user asks the assistant to always cite sources."),
    ("Use metric units.", "The user asks the assistant to use metric units."),
    ("I don't like when people are late.", "The user does not like when people are late."),
    ("我宁愿坐高铁也不坐飞机", "用户宁愿坐高铁也不坐飞机。"),
    ("下次推荐餐厅记得别推荐日料", "用户要求助手下次推荐餐厅记得别推荐日料。"),
    ("Call me Sam.", "The user asks the assistant to call the user Sam."),
    ("Don't use bullet points.", "The user asks the assistant not to use bullet points."),
    ("我喜欢吃辣", "用户喜欢吃辣。"),
    ("我不太喜欢甜食。", "用户不太喜欢甜食。"),
    ("我讨厌加班", "用户讨厌加班。"),
    ("我不吃香菜，也不喝牛奶。", "用户不吃香菜，也不喝牛奶。"),
    ("我对花生过敏", "用户对花生过敏。"),
    ("我只坐靠窗的位置，更喜欢早班机", "用户只坐靠窗的位置，更喜欢早班机。"),
    ("我是素食主义者", "用户是素食主义者。"),
    ("最喜欢的电影：《星际穿越》", "用户最喜欢的电影：《星际穿越》"),
    ("以后都用中文回答我", "用户要求助手以后都用中文回答用户。"),
    ("请一直用中文回复我。", "用户要求助手一直用中文回复用户。"),
    ("叫我小王", "用户要求助手叫用户小王。"),
]  # fmt: skip

NO_PREFERENCES = [
    "I hate to say it, but I broke the lamp.",
    "我以前喜欢喝咖啡",
    "I'd like to book a table.",
    "I would love to visit Chile.",
    "I liked the concert in Rome.",
    "I went to a fan convention.",
    "My wife likes opera.",
    "我老婆对花生过敏",
    "他喜欢下棋",
    "我想去云南",
]

DATED = [
    ("I went to the dentist yesterday.", "yesterday (11 September 2025)", "2025-09-11"),
    ("I moved here two months ago.", "two months ago (July 2025)", "2025-07-01"),
    ("I fly to Rome next month.", "next month (October 2025)", "2025-10-01"),
    ("We had dinner last Friday.", "last Friday (5 September 2025)", "2025-09-05"),
    ("I will run a race on 5 May.", "5 May (2026)", "2026-05-05"),
    ("I broke a leg in March.", "in March (2025)", "2025-03-01"),
    ("I graduated in 2019.", "in 2019.", "2019-01-01"),
    ("我昨天去了医院", "昨天（2025年9月11日）", "2025-09-11"),
    ("我下周三要面试", "下周三（2025年9月17日）", "2025-09-17"),
    ("上个月我辞职了", "上个月（2025年8月）", "2025-08-01"),
    ("我2020年结婚了", "2020年结婚了", "2020-01-01"),
]


@pytest.mark.parametrize(("said", "written"), ENGLISH + CHINESE)
def test_a_statement_is_retold_in_the_third_person(said: str, written: str) -> None:
    assert values(said) == [written]


@pytest.mark.parametrize("said", DROPPED)
def test_what_tells_nothing_is_dropped(said: str) -> None:
    assert values(said) == []


@pytest.mark.parametrize(("said", "written"), PREFERENCES)
def test_a_preference_is_explicit_and_no_fact_beside_it(said: str, written: str) -> None:
    (draft,) = read(turn(said))
    assert (draft.value, draft.kind) == (written, MemoryKind.EXPLICIT_PREFERENCE)
    assert draft.reasoning
    assert draft.event_from == SAID


@pytest.mark.parametrize("said", NO_PREFERENCES)
def test_a_wish_an_event_or_somebody_elses_taste_is_no_preference(said: str) -> None:
    (draft,) = read(turn(said))
    assert draft.kind is not MemoryKind.EXPLICIT_PREFERENCE
    assert draft.reasoning == ""


@pytest.mark.parametrize(("said", "part", "begin"), DATED)
def test_dates_are_written_and_kept_as_event_time(said: str, part: str, begin: str) -> None:
    (draft,) = read(turn(said))
    assert part in draft.value
    assert draft.event_from == parse_chat_time(begin, default_ms=0)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("My name is Grace.", MemoryKind.USER),
        ("I live in Lyon.", MemoryKind.USER),
        ("I'm a software engineer.", MemoryKind.USER),
        ("I'm 34 years old.", MemoryKind.USER),
        ("My daughter is called Mia.", MemoryKind.USER),
        ("I have three kids.", MemoryKind.USER),
        ("I saw a comet.", MemoryKind.LONG_TERM),
        ("Age: 34", MemoryKind.USER),
        ("我住在成都", MemoryKind.USER),
        ("我今年32岁", MemoryKind.USER),
        ("我在杭州做工程师工作", MemoryKind.USER),
        ("我看了一场球赛", MemoryKind.LONG_TERM),
    ],
)
def test_stable_facts_about_the_user_are_user_memories(said: str, kind: MemoryKind) -> None:
    (draft,) = read(turn(said))
    assert draft.kind is kind


@pytest.mark.parametrize(
    "said", ["I might move to Leeds.", "Maybe I sell the car.", "我可能换工作"]
)
def test_hedged_statements_are_less_certain(said: str) -> None:
    (draft,) = read(turn(said))
    assert draft.confidence < 0.8


def test_a_former_state_ends_and_the_new_one_begins() -> None:
    before, after = read(turn("I used to live in Berlin but I moved to Munich last month."))
    assert (before.event_from, before.event_until) == (None, SAID)
    assert after.event_from == parse_chat_time("2025-08-01", default_ms=0)
    assert after.event_until is None


def test_two_named_people_are_told_apart() -> None:
    drafts = read(
        *turns(
            ("user", "Caroline: I went to a support group yesterday. It was so powerful."),
            ("assistant", "Melanie: You'd be a great counselor! I painted that lake last year."),
        )
    )
    assert [(draft.speaker, draft.value) for draft in drafts] == [
        ("Caroline", "Caroline went to a support group yesterday (11 September 2025). "
                     "It was so powerful."),
        ("Melanie", "Melanie said: Caroline would be a great counselor."),
        ("Melanie", "Melanie painted that lake last year (2024)."),
    ]  # fmt: skip


def test_a_named_speakers_preference_is_theirs() -> None:
    talk = turn("I love pottery.", name="Mia"), turn("Cool!", "assistant", name="Leo", at=1)
    (draft,) = read(*talk)
    assert draft.value == "Mia loves pottery."
    assert draft.kind is MemoryKind.EXPLICIT_PREFERENCE
    assert draft.reasoning == "Mia said so explicitly on 12 September 2025."


@pytest.mark.parametrize(
    "said",
    [
        "Got it. Feel free to ask if you have other questions.",
        "Is there anything else I can help with?",
        "I'd be happy to help you plan the trip!",
        "Let me look that up for you.",
        "Where would you like to go?",
        "I have noted that you like spicy flavors.",
        "收到,那我会帮你推荐适合家庭出游的目的地。",
        "好的，请问您的预算是多少？",
        "如果您有其他问题，随时告诉我。",
    ],
)
def test_offers_and_acknowledgements_of_the_assistant_are_dropped(said: str) -> None:
    assert read(turn(said, "assistant")) == []


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("You like spicy flavors and own a wok.",
         "[assistant view] The user likes spicy flavors and owns a wok."),
        ("The museum opens at nine on Sundays.",
         "[assistant view] The museum opens at nine on Sundays."),
        ("建议您每天步行三十分钟。", "[assistant观点] 建议用户每天步行三十分钟。"),
    ],
)  # fmt: skip
def test_what_the_assistant_states_is_its_view(said: str, written: str) -> None:
    (draft,) = read(turn(said, "assistant"))
    assert draft.value == written
    assert draft.kind is MemoryKind.LONG_TERM


@pytest.mark.parametrize(
    ("asked", "said", "written"),
    [
        ("So you're vegetarian?", "Yes", ["The user is vegetarian."]),
        ("Do you like spicy food?", "Yes!", ["The user likes spicy food."]),
        ("Do you like spicy food?", "No.", ["The user does not like spicy food."]),
        ("Are you married?", "Nope", ["The user is not married."]),
        ("Have you lived in Oslo?", "Yes, I have.", ["The user has lived in Oslo."]),
        ("Did you move to Oslo?", "No", ["The user did not move to Oslo."]),
        ("你是素食主义者吗？", "是的", ["用户是素食主义者。"]),
        ("你们是全家一起出行，对吗？", "对", ["用户是全家一起出行。"]),
        ("Do you have any pets?", "Yes", []),
        ("Do you want tea or coffee?", "Yes", []),
        ("Don't you like it?", "Yes", []),
        ("What do you eat?", "Yes", []),
        ("你喜欢茶还是咖啡？", "对", []),
        ("你平时喜欢什么运动？", "是的", []),
        ("Where do you live?", "Boston.", ['Asked "Where do you live?", the user answered: Boston.']),
        ("你平时喜欢什么运动？", "游泳和羽毛球",
         ["被问到“你平时喜欢什么运动？”，用户回答：游泳和羽毛球。"]),
    ],
)  # fmt: skip
def test_an_answer_gets_what_it_needs_from_the_question(
    asked: str, said: str, written: list[str]
) -> None:
    drafts = read(*turns(("assistant", asked), ("user", said)))
    assert [draft.value for draft in drafts] == written


def test_a_confirmed_question_of_the_context_is_not_cited() -> None:
    from memos.mem_reader.base import Window
    from memos.mem_reader.rules import RuleReader

    question, answer = turns(("assistant", "So you're vegetarian?"), ("user", "Yes"))
    (draft,) = RuleReader().read(Window((answer,), (question,)))
    assert [source.message_id for source in draft.sources] == ["m1"]
    assert draft.statement == "So you're vegetarian?"


def test_follow_ups_stay_with_what_they_refer_to() -> None:
    assert values("I bought a kiln. It was expensive. My brother helped me carry it upstairs.") == [
        "The user bought a kiln. It was expensive.",
        "The user's brother helped the user carry it upstairs.",
    ]


def test_lines_of_a_list_stand_alone() -> None:
    assert values("My plan:\n1. I rent a boat.\n2. It has two beds.\n- I sail to Elba.") == [
        "The user rents a boat.",
        "It has two beds.",
        "The user sails to Elba.",
    ]


def test_what_an_assistant_explains_is_one_view() -> None:
    text = "Sure!\n1. Hotel Aurora costs 100 euros.\n2. Hotel Bora has a pool.\nWhich one?"
    (draft,) = read(turn(text, "assistant"))
    assert draft.statement == "Hotel Aurora costs 100 euros.\n2. Hotel Bora has a pool."


def test_a_long_explanation_is_several_views() -> None:
    text = " ".join(f"Harbour {n} opens in the spring of each year." for n in range(40))
    drafts = read(turn(text, "assistant"))
    assert [len(draft.statement) <= 800 for draft in drafts] == [True] * 3


def test_pasted_code_is_kept_unchanged_by_paragraph() -> None:
    code = "def area(r):\n    return 3.14 * r * r"
    drafts = read(turn(f"```python\n{code}\n```"))
    assert len(drafts) == 1
    assert code in drafts[0].value
    assert drafts[0].kind is MemoryKind.LONG_TERM


def test_prose_that_starts_like_code_is_no_code() -> None:
    assert values("Class starts at nine and I teach it.") == [
        "Class starts at nine and the user teaches it."
    ]


def test_a_long_text_is_kept_paragraph_by_paragraph() -> None:
    text = "\n\n".join(
        f"Chapter {n} tells how the river changed its course. " * 12 for n in range(12)
    )
    drafts = read(turn(text))
    assert 6 <= len(drafts) <= 24
    cited = "".join(draft.statement for draft in drafts)
    assert "".join(cited.split()) == "".join(text.split())


def test_tool_and_system_messages_are_not_read_here() -> None:
    assert read(turn("I like tea.", "tool"), turn("You are Bob, I am Ann.", "system", at=1)) == []


def test_titles_names_and_places_are_entities() -> None:
    (draft,) = read(turn('I saw "The Long Dusk" with Amy Chen in Bergen.'))
    assert {"The Long Dusk", "Amy Chen", "Bergen"} <= set(draft.entities)
    (draft,) = read(turn("我在浙江大学读了《三体》"))
    assert {"三体", "浙江大学"} <= set(draft.entities)


def test_keys_are_short_and_tags_few() -> None:
    (draft,) = read(
        turn("I booked a flight to Lima for my parents, my uncle and all of my cousins.")
    )
    assert len(draft.key) <= 60
    assert draft.key.startswith("Booked a flight to Lima")
    assert 1 <= len(draft.tags) <= 4
    assert "travel" in draft.tags


def test_the_same_statement_twice_is_one_draft() -> None:
    assert len(read(turn("I live in Lyon."), turn("I live in Lyon.", at=1))) == 1
