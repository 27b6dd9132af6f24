"""Words that name a class, and what counts as a member."""

import pytest

from memos.graph_dbs.tokenize import tokenize
from memos.memories.textual.tree_text_memory.retrieve.word_class import kin_of


@pytest.mark.parametrize(
    ("question", "statement"),
    [
        ("Which sports do I do?", "I went bouldering on Sunday."),
        ("What pets do I have?", "My kitten Momo is asleep."),
        ("Which instruments can I play?", "I practise the ukulele every day."),
        ("Which countries have I visited?", "Portugal was lovely."),
        ("What hobbies do I have?", "I have been birdwatching."),
        ("我有什么宠物？", "昨天领养了一只橘猫。"),
        ("我平时做什么运动？", "周末去打羽毛球了。"),
        ("我对什么过敏？", "吃花生会起疹子。"),
    ],
)
def test_a_statement_names_a_member_of_the_class_asked_for(question: str, statement: str) -> None:
    members = {member for kin in kin_of(question) for member in kin.members}
    assert members & set(tokenize(statement))


@pytest.mark.parametrize("question", ["", "Where is the green kayak?", "谁是小李？"])
def test_a_question_without_a_class_has_no_kin(question: str) -> None:
    assert kin_of(question) == ()


def test_a_class_is_no_member_of_itself_and_asked_for_once() -> None:
    kin = kin_of("sports, sports and more sports")
    assert len(kin) == 1
    assert kin[0].token not in kin[0].members
    assert len(set(kin[0].members)) == len(kin[0].members)


def test_chinese_members_are_words_and_not_their_single_characters() -> None:
    members = [m for kin in kin_of("我有哪些爱好？") for m in kin.members]
    assert "游泳" in members
    assert "游" not in members


@pytest.mark.parametrize(
    ("question", "statement"),
    [
        ("How much do I earn?", "My salary is 4000 euros."),
        ("When did I get married?", "Our wedding was in June."),
        ("When did I relocate?", "I moved to Oslo in May."),
        ("What is my profession?", "My job is in a bakery."),
        ("我的薪水是多少？", "我现在月薪两万。"),
        ("我什么时候结婚的？", "婚礼定在五月。"),
        ("我什么时候搬家的？", "我上个月搬到了苏州。"),
        ("我的老家在哪？", "我的家乡是绍兴。"),
    ],
)
def test_a_statement_says_the_same_in_another_word(question: str, statement: str) -> None:
    members = {member for kin in kin_of(question) for member in kin.members}
    assert members & set(tokenize(statement))


def test_synonyms_work_both_ways() -> None:
    there = {m for kin in kin_of("my physician") for m in kin.members}
    back = {m for kin in kin_of("my doctor") for m in kin.members}
    assert "doctor" in there
    assert "physician" in back


def test_part_of_a_longer_chinese_word_is_no_member() -> None:
    members = [m for kin in kin_of("我的对象是谁？") for m in kin.members]
    assert "男朋" in members
    assert "朋友" not in members


@pytest.mark.parametrize(
    "question",
    [
        "What hobbies, sports, food and travel does my family enjoy, and which gifts do they buy?",
        "我家人有什么爱好、运动、饮食习惯、旅行计划、工作和学习的目标？",
    ],
)
def test_what_is_looked_for_stays_bounded(question: str) -> None:
    assert sum(len(kin.members) for kin in kin_of(question)) < 1000
