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
