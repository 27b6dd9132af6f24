"""The examples of the product documentation, read without a model."""

from memos.types.chat_time import parse_chat_time
from memos.types.memory import MemoryKind
from tests.unit.mem_reader.turns import read, turn, turns


def test_the_guangzhou_trip() -> None:
    drafts = read(
        *turns(
            ("user", "I have booked a summer trip to Guangzhou. Which hotel chains are available?"),
            ("assistant", "You can consider 7 Days Inn, Ji Hotel, Hilton, and others."),
            ("user", "I choose 7 Days Inn."),
            ("assistant", "Got it. Feel free to ask if you have other questions."),
        )
    )
    assert [draft.value for draft in drafts] == [
        "The user has booked a summer trip to Guangzhou.",
        "[assistant view] The user can consider 7 Days Inn, Ji Hotel, Hilton, and others.",
        "The user chooses 7 Days Inn.",
    ]
    assert drafts[0].statement == "I have booked a summer trip to Guangzhou."
    assert {"travel", "Guangzhou"} <= set(drafts[0].tags)
    assert drafts[1].confidence < drafts[0].confidence


def test_the_chinese_family_holiday() -> None:
    drafts = read(
        *turns(
            ("user", "我想暑假出去玩,你能帮我推荐下吗?"),
            ("assistant", "好的!是自己出行还是和家人朋友一起呢?"),
            ("user", "肯定要带孩子啊,我们家出门都是全家一起。"),
            ("assistant", "明白了,所以你们是父母带孩子一块儿旅行,对吗?"),
            ("user", "对,带上孩子和老人,一般都是全家行动。"),
            ("assistant", "收到,那我会帮你推荐适合家庭出游的目的地。"),
        )
    )
    assert [draft.value for draft in drafts] == [
        "用户想暑假出去玩。",
        "用户肯定要带孩子，用户家出门都是全家一起。",
        "用户是父母带孩子一块儿旅行。",
        "用户带上孩子和老人，一般都是全家行动。",
    ]
    assert [source.message_id for source in drafts[2].sources] == ["m3", "m4"]
    assert "旅行" in drafts[0].tags


def test_the_wish_in_a_request_for_ideas() -> None:
    (draft,) = read(turn("I want to travel during summer vacation, can you recommend something?"))
    assert draft.value == "The user wants to travel during summer vacation."


def test_the_questionnaire_gives_one_memory_a_line() -> None:
    drafts = read(
        turn(
            """
Favorite movie genres: sci-fi, action, comedy
Favorite TV genres: mystery, historical drama
Favorite book genres: popular science, technology, self-growth
Preferred chat style: humorous, warm, casual
Types of AI help wanted: suggestions, information lookup, inspiration
Topics I care about most: artificial intelligence, future technology, film reviews
What I want AI to help with: daily study planning, movie and book recommendations
"""
        )
    )
    assert [draft.value for draft in drafts] == [
        "The user's favorite movie genres: sci-fi, action, comedy",
        "The user's favorite TV genres: mystery, historical drama",
        "The user's favorite book genres: popular science, technology, self-growth",
        "The user's preferred chat style: humorous, warm, casual",
        "The user's types of AI help wanted: suggestions, information lookup, inspiration",
        "Topics the user cares about most: artificial intelligence, future technology, film reviews",
        "What the user wants AI to help with: daily study planning, movie and book recommendations",
    ]
    kinds = [draft.kind for draft in drafts]
    assert kinds[:4] == [MemoryKind.EXPLICIT_PREFERENCE] * 4
    assert kinds[4:] == [MemoryKind.USER] * 3


def test_tastes_said_on_two_days_are_two_dated_preferences() -> None:
    first = parse_chat_time("2025-09-12 08:00:00", default_ms=0)
    second = parse_chat_time("2025-09-25 12:00:00", default_ms=0)
    drafts = read(
        turn("I like spicy food.", said=first),
        turn("I can't eat very oily or spicy food now, and I prefer something lighter.",
             at=1, said=second),
    )  # fmt: skip
    assert [draft.value for draft in drafts] == [
        "The user likes spicy food.",
        "The user can't eat very oily or spicy food now, and the user prefers something lighter.",
    ]
    assert [draft.kind for draft in drafts] == [MemoryKind.EXPLICIT_PREFERENCE] * 2
    assert [draft.event_from for draft in drafts] == [first, second]
    assert drafts[0].reasoning == "The user said so explicitly on 12 September 2025."


def test_the_run_and_the_sore_knee() -> None:
    drafts = read(
        *turns(
            ("user", "I ran 5 kilometers today and my knee feels a bit sore."),
            ("assistant", "I suggest lowering the intensity tomorrow."),
        ),
        tags=("exercise advice", "fitness planning"),
    )
    assert [draft.value for draft in drafts] == [
        "The user ran 5 kilometers today (12 September 2025) and their knee feels a bit sore.",
        "[assistant view] The assistant suggests lowering the intensity tomorrow (13 September 2025).",
    ]
    assert "exercise advice" in drafts[0].tags


def test_the_weather_keeps_the_custom_tags_that_fit() -> None:
    (draft,) = read(
        *turns(
            ("user", "How is the weather today?"),
            ("assistant", "Shanghai, December 10th, Cloudy, temperature is 8-12 degrees."),
        ),
        tags=("Weather", "Cloudy", "Sports"),
    )
    assert draft.value.startswith("[assistant view] Shanghai, December 10th")
    assert {"Weather", "Cloudy"} <= set(draft.tags)
    assert "weather" not in draft.tags
    assert "Sports" not in draft.tags


def test_a_name_and_a_taste_in_one_sentence_are_two_memories() -> None:
    fact, taste = read(turn("I am Wang, and I like spicy food."))
    assert (fact.value, fact.kind) == ("The user is Wang.", MemoryKind.USER)
    assert taste.value == "The user likes spicy food."
    assert taste.kind is MemoryKind.EXPLICIT_PREFERENCE


def test_a_move_is_a_fact_about_the_user_with_its_time() -> None:
    january = parse_chat_time("2025-01-10 10:00:00", default_ms=0)
    june = parse_chat_time("2025-06-01 10:00:00", default_ms=0)
    before, after = read(
        turn("I live in Beijing.", said=january), turn("I moved to Shanghai.", at=1, said=june)
    )
    assert (before.value, after.value) == (
        "The user lives in Beijing.",
        "The user moved to Shanghai.",
    )
    assert (before.kind, after.kind) == (MemoryKind.USER, MemoryKind.USER)
    assert (before.event_from, after.event_from) == (january, june)


def test_last_years_holiday_is_dated() -> None:
    (draft,) = read(turn("I traveled to Xi'an during last year's National Day holiday."))
    assert draft.value == (
        "The user traveled to Xi'an during last year's National Day holiday"
        " (1 October 2024 to 7 October 2024)."
    )
    assert draft.event_from == parse_chat_time("2024-10-01", default_ms=0)
    assert draft.event_until == parse_chat_time("2024-10-08", default_ms=0)


def test_a_shared_announcement_is_kept_as_it_is() -> None:
    (draft,) = read(turn("The reimbursement deadline for this quarter is June 25."))
    assert draft.value == "The reimbursement deadline for this quarter is June 25 (2025)."


def test_studying_is_kept_and_the_offer_is_dropped() -> None:
    (draft,) = read(
        *turns(("user", "I am studying MemOS."), ("assistant", "Okay, do you need any help?"))
    )
    assert draft.value == "The user is studying MemOS."


def test_the_refund_keeps_who_said_what() -> None:
    asked, answered = read(
        *turns(
            ("user", "I want to ask about my refund progress."),
            (
                "assistant",
                "The refund is still being processed and is expected to arrive within 24 hours.",
            ),
        )
    )
    assert asked.value == "The user wants to ask about their refund progress."
    assert answered.value.startswith("[assistant view] The refund is still being processed")
    assert (asked.speaker, answered.speaker) == ("user", "assistant")


def test_wishes_about_documents_and_style_of_the_extraction_page() -> None:
    drafts = read(
        *turns(
            ("user", "Use Markdown for docs, code blocks should have syntax highlighting."),
            ("assistant", "Got it."),
            ("user", "Also go easy on emoji."),
        )
    )
    assert {draft.kind for draft in drafts} == {MemoryKind.EXPLICIT_PREFERENCE}
    assert len(drafts) == 2
    (order,) = read(*turns(("user", "Use the blue key for the garage.")))
    assert order.kind is not MemoryKind.EXPLICIT_PREFERENCE


def test_the_user_told_of_in_the_third_person() -> None:
    (english,) = read(*turns(("user", "The user likes coffee and prefers dark mode")))
    (chinese,) = read(*turns(("user", "用户喜欢咖啡，偏好深色模式。")))
    assert english.kind is chinese.kind is MemoryKind.EXPLICIT_PREFERENCE
    assert chinese.value == "用户喜欢咖啡，偏好深色模式。"


def test_standing_instructions_of_the_use_cases_keep_their_content() -> None:
    told = {
        "For future reminders or plans, please first list three key points, then add one short "
        "suggestion.": "The user asks the assistant to first list three key points, then add one "
        "short suggestion for future reminders or plans.",
        "When I ask for a summary, list three bullet points first.": "The user asks the assistant to "
        "list three bullet points first when the user asks for a summary.",
        "Keep the tone light when writing emails, and start with 'Dear XX'.": "The user asks the "
        "assistant to keep the tone light when writing emails, and start with 'Dear XX'.",
    }
    for said, value in told.items():
        (draft,) = read(*turns(("user", said)))
        assert (draft.kind, draft.value) == (MemoryKind.EXPLICIT_PREFERENCE, value)


def test_the_first_word_of_an_assistants_answer_is_no_name() -> None:
    (draft,) = read(turn("Understood, I'll recommend destinations for family trips.", "assistant"))
    assert draft.value.startswith("[assistant view] Understood")
    assert "Understood" not in draft.tags
