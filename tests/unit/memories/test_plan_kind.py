"""What a question asks for, by form, and which part of the past it is about."""

from datetime import datetime, timezone

import pytest

from memos.graph_dbs.base import Profile
from memos.memories.textual.tree_text_memory.retrieve.plan import Plan, plan_query
from memos.memories.textual.tree_text_memory.retrieve.plan_focus import TimeFocus
from memos.memories.textual.tree_text_memory.retrieve.plan_kind import Language, QuestionKind

NOW = int(datetime(2023, 11, 15, 12, tzinfo=timezone.utc).timestamp() * 1000)


def plan(query: str) -> Plan:
    return plan_query(query, Profile((), (2022, 2023), 10), NOW, timezone.utc)


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("Who gave me the blue mug?", "who"),
        ("Whose dog is it?", "who"),
        ("With whom did I share a flat?", "who"),
        ("Which friend lent me the tent?", "who"),
        ("What is my wifi password?", "what"),
        ("Which book did I like best?", "what"),
        ("What does my sister study?", "what"),
        ("What's my blood type?", "what"),
        ("What are you doing for Easter?", "what"),
        ("What kinds of tea do I drink?", "what"),
        ("what was the name of my first dog", "what"),
        ("When I was in Rome, what did I eat?", "what"),
        ("Remind me what the doctor said", "what"),
        ("When did we move?", "when"),
        ("What day is my dentist appointment?", "when"),
        ("In which year did I graduate?", "when"),
        ("How long ago did I quit smoking?", "when"),
        ("Do you know when the lease ends?", "when"),
        ("Where do my parents live?", "where"),
        ("In which city did I grow up?", "where"),
        ("Can you tell me where I parked?", "where"),
        ("Did I tell you where I keep the keys?", "where"),
        ("I forgot where I put the passport", "where"),
        ("Recommend where to eat", "where"),
        ("Why did I leave the choir?", "why"),
        ("How come the trip was cancelled?", "why"),
        ("What made her angry?", "why"),
        ("What is the reason I take the pills?", "why"),
        ("How did the interview go?", "how"),
        ("How do I take my coffee?", "how"),
        ("How many cats do I have?", "how_many"),
        ("How much did the bike cost?", "how_many"),
        ("How old is my niece?", "how_many"),
        ("How often do I swim?", "how_many"),
        ("How many hours a week do I work?", "how_many"),
        ("What is the price of the ticket?", "how_many"),
        ("How long have I known Ben?", "how_long"),
        ("For how long did she stay?", "how_long"),
        ("How many years have they been married?", "how_long"),
        ("Am I allergic to nuts?", "yes_no"),
        ("Doesn't he like fish?", "yes_no"),
        ("Have I ever been to Norway?", "yes_no"),
        ("Do you remember my birthday?", "yes_no"),
        ("What are my hobbies?", "list"),
        ("Which books have I read?", "list"),
        ("What outdoor activities do we enjoy?", "list"),
        ("Which countries have I visited?", "list"),
        ("List my allergies", "list"),
        ("Can you list all my passwords?", "list"),
        ("my favourite food", "statement"),
        ("I like what I see", "statement"),
        ("Tell me about my trip to Japan", "statement"),
        ("Could you please recommend a restaurant?", "statement"),
        ("", "statement"),
        ("谁送了我这本书？", "who"),
        ("小明的老师是哪位", "who"),
        ("我最喜欢的颜色是什么", "what"),
        ("我的猫呢？", "what"),
        ("我什么时候搬的家", "when"),
        ("我的生日是哪天", "when"),
        ("多久以前我戒的烟", "when"),
        ("你知道我几号去面试吗", "when"),
        ("我住在哪里", "where"),
        ("他在哪个城市上大学", "where"),
        ("周末去哪玩", "where"),
        ("我为什么辞职", "why"),
        ("我不吃辣是因为什么", "why"),
        ("我是怎么认识她的", "how"),
        ("咖啡我喜欢怎样喝", "how"),
        ("我有几只猫", "how_many"),
        ("房租多少钱", "how_many"),
        ("我女儿多大了", "how_many"),
        ("我学钢琴多久了", "how_long"),
        ("我在北京住了几年", "how_long"),
        ("通勤要多长时间", "how_long"),
        ("我喜欢喝咖啡吗", "yes_no"),
        ("我是不是对花生过敏", "yes_no"),
        ("我会不会游泳", "yes_no"),
        ("我养了哪些宠物", "list"),
        ("列出我的过敏原", "list"),
        ("我都去过什么地方旅游过哪些", "list"),
        ("推荐一家餐厅", "statement"),
        ("没什么", "statement"),
    ],
)
def test_the_form_of_a_question_tells_what_it_asks_for(query: str, kind: str) -> None:
    assert plan(query).kind is QuestionKind(kind)


@pytest.mark.parametrize(
    ("query", "focus"),
    [
        ("Where do I live now?", "now"),
        ("What is my current job?", "now"),
        ("What am I reading these days?", "now"),
        ("Do I still have a cat?", "now"),
        ("Where did I live before moving to Paris?", "before"),
        ("Where did I use to work?", "before"),
        ("What car did we used to drive?", "before"),
        ("What was my previous job?", "before"),
        ("Where did she work previously?", "before"),
        ("What did I do last week?", "range"),
        ("What did I buy on 7 May 2023?", "range"),
        ("What game am I currently playing in August 2023?", "range"),
        ("When was the first time I skied?", "first"),
        ("When did I start learning the piano?", "first"),
        ("What was my first job?", "first"),
        ("Where did we originally meet?", "first"),
        ("When did I last see the dentist?", "last"),
        ("What was the most recent book I read?", "last"),
        ("What did she paint recently?", "last"),
        ("When was the last time we met last year?", "last"),
        ("How long have I been vegetarian?", "duration"),
        ("What is her first name?", "none"),
        ("What is my last name?", "none"),
        ("Am I used to the cold?", "none"),
        ("What does she use to remember names?", "none"),
        ("Where do I live?", "none"),
        ("How long ago did we marry?", "none"),
        ("我现在住哪", "now"),
        ("目前的工作是什么", "now"),
        ("我最近住哪", "now"),
        ("我以前住在哪儿", "before"),
        ("我曾经学过什么乐器", "before"),
        ("我之前的公司叫什么", "before"),
        ("上周我去哪了", "range"),
        ("三天之前我吃了什么", "range"),
        ("我第一次坐飞机是什么时候", "first"),
        ("我最早的工作是什么", "first"),
        ("我什么时候开始学琴的", "first"),
        ("我上次体检是什么时候", "last"),
        ("最近一次见面在哪", "last"),
        ("最近看了什么书", "last"),
        ("我结婚多久了", "duration"),
        ("多久以前我搬的家", "none"),
        ("我住哪", "none"),
    ],
)
def test_words_of_time_tell_which_part_of_the_past_is_meant(query: str, focus: str) -> None:
    assert plan(query).focus is TimeFocus(focus)


@pytest.mark.parametrize(
    ("query", "language"),
    [
        ("Where do I live?", "en"),
        ("我住在哪里", "zh"),
        ("我在Google工作过吗", "zh"),
        ("“quoted” — where?", "en"),
        ("Où est-ce que j'habite ?", "en"),
        ("Где я живу?", "other"),
        ("私はどこに住んでいますか", "other"),
        ("저는 어디에 살아요?", "other"),
        ("123", "en"),
    ],
)
def test_the_script_tells_the_language(query: str, language: str) -> None:
    assert plan(query).language is Language(language)
