"""What feedback means, by rules."""

import pytest

from memos.mem_feedback.feedback import Feedback, FeedbackKind
from memos.mem_feedback.judge import judge

NONE, VOTE = FeedbackKind.NONE, FeedbackKind.VOTE
ADDITION, PREFERENCE = FeedbackKind.ADDITION, FeedbackKind.PREFERENCE


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "Hi there!",
        "thanks a lot",
        "ok",
        "What is my name?",
        "",
        "  ",
        "你好",
        "谢谢。",
        "我叫什么？",
    ],
)
def test_small_talk_and_questions_are_no_feedback(text: str) -> None:
    assert judge(text).kind is NONE


@pytest.mark.parametrize(
    ("text", "vote"),
    [
        ("good answer", 1),
        ("👍", 1),
        ("That's right!", 1),
        ("有用", 1),
        ("回答得很好", 1),
        ("bad answer", -1),
        ("👎", -1),
        ("That's wrong.", -1),
        ("not helpful", -1),
        ("没用", -1),
        ("你答错了", -1),
    ],
)
def test_praise_and_blame_are_votes(text: str, vote: int) -> None:
    assert judge(text) == Feedback(VOTE, vote=vote)


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("Replace User 1 with User 2 everywhere.", "User 1", "User 2"),
        ("From now on, I changed my name. Replace User 1 with User 2.", "User 1", "User 2"),
        ("change all Acme to Globex", "Acme", "Globex"),
        ("Please change every mention of Acme to Globex", "Acme", "Globex"),
        ("Change 'Zhang San' to 'Li Si' in all documents", "Zhang San", "Li Si"),
        ("I changed my name from Tom to Tim.", "Tom", "Tim"),
        ("Falcon has been renamed to Eagle", "Falcon", "Eagle"),
        ("rename Falcon to Eagle", "Falcon", "Eagle"),
        ("把所有的张三改成李四", "张三", "李四"),
        ("请把张三都替换成李四。", "张三", "李四"),
        ("将“张三”替换为“李四”", "张三", "李四"),
        ("所有的张三都改为李四", "张三", "李四"),
        ("我改名了，从张三改为李四", "张三", "李四"),
        ("用李四替换张三", "张三", "李四"),
        ("我改名了，请把用户1全部替换成用户2", "用户1", "用户2"),
    ],
)
def test_replacements_name_both_sides(text: str, old: str, new: str) -> None:
    assert judge(text) == Feedback(FeedbackKind.REPLACEMENT, old=old, new=new)


@pytest.mark.parametrize(
    ("text", "old", "new", "statement"),
    [
        ("It is 600 CNY, not 800 CNY", "800 CNY", "600 CNY", ""),
        ("It's not 800 but 600", "800", "600", ""),
        ("It isn't Lisbon, it's Porto", "Lisbon", "Porto", ""),
        (
            "The limit for office software is 600 yuan, not 800.",
            "800",
            "600",
            "The limit for office software is 600 yuan",
        ),
        ("I chose Ji Hotel, not 7 Days Inn.", "7 Days Inn", "Ji Hotel", "I chose Ji Hotel"),
        ("We meet at 5 pm instead of 4 pm", "4 pm", "5 pm", "We meet at 5 pm"),
        ("I don't live in Lisbon, I live in Porto.", "Lisbon", "Porto", "I live in Porto"),
        ("I moved to Porto, not to Lisbon", "to Lisbon", "to Porto", "I moved to Porto"),
        ("I have three kids, not two.", "two", "three", "I have three kids"),
        ("我在腾讯工作，不是阿里巴巴", "阿里巴巴", "腾讯", "我在腾讯工作"),
        ("办公软件的采购限额是600元，不是800元。", "800元", "600元", "办公软件的采购限额是600元"),
        ("不是800元，是600元", "800元", "600元", ""),
        ("采购限额不是800元，而是600元。", "800元", "600元", "采购限额是600元"),
        ("应该是600元而不是800元", "800元", "600元", ""),
    ],
)
def test_corrections_name_what_was_wrong_and_what_is_right(
    text: str, old: str, new: str, statement: str
) -> None:
    found = judge(text)
    assert found.kind is FeedbackKind.CORRECTION
    assert (found.old, found.new, found.statement) == (old, new, statement)


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("That's wrong, I live in Porto.", "I live in Porto."),
        ("Wrong, actually I like mangosteens.", "I like mangosteens."),
        ("No, my birthday is tomorrow", "my birthday is tomorrow"),
        ("错了，我住在波尔图", "我住在波尔图"),
    ],
)
def test_a_denial_makes_a_statement_a_correction(text: str, statement: str) -> None:
    found = judge(text)
    assert (found.kind, found.wrong) == (FeedbackKind.CORRECTION, True)
    assert found.statement == statement


@pytest.mark.parametrize(
    ("text", "new"),
    [("No, it's 5 o'clock.", "5 o'clock"), ("Wrong, it is 600", "600"), ("不对，是600元", "600元")],
)
def test_a_bare_value_states_nothing_by_itself(text: str, new: str) -> None:
    assert judge(text) == Feedback(FeedbackKind.CORRECTION, new=new, wrong=True)


@pytest.mark.parametrize(
    ("text", "topic", "new"),
    [
        ("The limit should be 600 CNY", "The limit", "600 CNY"),
        ("Change the project code to X9", "the project code", "X9"),
        ("Update my email to a@b.co", "my email", "a@b.co"),
        ("将采购限额改成600元", "采购限额", "600元"),
        ("把我的手机号改成13800138000", "我的手机号", "13800138000"),
    ],
)
def test_a_topic_can_be_given_a_value(text: str, topic: str, new: str) -> None:
    found = judge(text)
    assert (found.kind, found.topic, found.new) == (FeedbackKind.CORRECTION, topic, new)


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("Forget that I like apples.", "I like apples"),
        ("Please don't remember my address", "my address"),
        ("Can you forget everything about Anna?", "Anna"),
        ("Forget it.", ""),
        ("忘掉我喜欢苹果这件事", "我喜欢苹果"),
        ("别记我的地址。", "我的地址"),
        ("请把我的住址忘掉吧", "我的住址"),
        ("忘了这件事", ""),
    ],
)
def test_forgetting_names_what_is_to_go(text: str, statement: str) -> None:
    assert judge(text) == Feedback(FeedbackKind.FORGETTING, statement=statement)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Don't forget that I am allergic to nuts", ADDITION),
        ("I don't remember my address", ADDITION),
        ("I go to bed at ten, not because I am tired", ADDITION),
        ("Prefer concise, direct technical answers.", ADDITION),
        ("The word change comes from Latin.", ADDITION),
        ("I don't like apples any more", PREFERENCE),
        ("I don't like apples, but I like pears", PREFERENCE),
        ("User prefers Rust now", PREFERENCE),
        ("我不喜欢苹果了", PREFERENCE),
        ("别忘了我对花生过敏", ADDITION),
    ],
)
def test_what_is_told_is_added(text: str, kind: FeedbackKind) -> None:
    assert judge(text).kind is kind


def test_a_long_text_is_judged_at_once() -> None:
    # The rules must stay linear: a hostile text may not hold a worker.
    for text in (
        "not " * 450,
        "a, not " * 280,
        "不是，" * 600,
        "replace " * 240,
        "is not , " * 220,
    ):
        judge(text)
    assert judge("word " * 1000).kind is ADDITION
