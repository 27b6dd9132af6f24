"""Which states a question is about."""

import pytest

from memos.memories.textual.tree_text_memory.organize.state import asked

ASKED = """
Where do I live now? | user home
where do i live | user home
Where did I live before? | user home
Where was I living in 2023? | user home
Where did I use to live? | user home
Which city is my home? | user home
Which city do I live in? | user home
What's my current city? | user home
Where did I move to? | user home
Do I still live in Paris? | user home
Where does Caroline live? | caroline home
Where does my sister live now? | user's sister home
Where does the user live? | user home
Where does Caroline's brother live? | caroline's brother home
What's my address? | user address; user home
What is my mailing address? | user address; user home
Where do I work? | user employer
Who do I work for? | user employer
Which company do I work for now? | user employer
Where did I work before? | user employer
Who is my current employer? | user employer
where does Caroline work | caroline employer
Do I still work at Google? | user employer
What do I do for a living? | user job
What is my job? | user job
What was my previous occupation? | user job
What does my sister do? | user's sister job
What does Tom do for work? | tom job
Which university do I attend? | user school
How old am I? | user age
How old is my sister? | user's sister age
What's my name? | user name
What should you call me? | user name
Am I married? | user relationship
Is Caroline single? | caroline relationship
What is my relationship status? | user relationship
Do I have a girlfriend? | user relationship
What phone do I use? | user device:phone
Which laptop do I have now? | user device:laptop
What car do I drive? | user device:car
What is my phone? | user device:phone
What kind of camera does Tom have? | tom device:camera
Which devices do I use? | user device
Am I vegetarian? | user diet
Am I still vegan? | user diet
What is my diet? | user diet
What should I not eat? | user diet; user taste
What can't I eat? | user diet; user taste
Do I like apples? | user taste:apple
Do I still like coffee? | user taste:coffee
Does Caroline like hiking? | caroline taste:hiking
Did I like spicy food before? | user taste:spicy food
How do I feel about mushrooms? | user taste:mushroom
What food do I like? | user taste
What are my dislikes? | user taste
What is my favourite food? | user favourite:food
What is my email address? | user email
What's my phone number? | user phone_number
What is my current goal? | user goal
What am I training for? | user goal
Where am I planning to travel this summer? | user plan:travel
What are my travel plans? | user plan:travel
我现在住在哪里？ | user home
我住哪 | user home
我以前住在哪个城市？ | user home
2023年我住在哪里？ | user home
用户住在什么地方？ | user home
我姐姐住在哪里？ | user's sister home
小李住在哪里？ | 小李 home
我的地址是什么？ | user address; user home
我在哪里工作？ | user employer
我在哪家公司上班？ | user employer
我的职业是什么？ | user job
我是做什么工作的？ | user job
我在哪所大学读书？ | user school
我多大了？ | user age
我今年几岁？ | user age
我叫什么名字？ | user name
我结婚了吗？ | user relationship
我是单身吗？ | user relationship
我用什么手机？ | user device:phone
我的电脑是什么型号？ | user device:laptop
我吃素吗？ | user diet
我不能吃什么？ | user diet; user taste
我喜欢苹果吗？ | user taste:apple
我还喜欢喝咖啡吗？ | user taste:coffee
我喜欢吃什么？ | user taste
我最喜欢的食物是什么？ | user favourite:food
我的邮箱是多少？ | user email
我的手机号是多少？ | user phone_number
我的目标是什么？ | user goal
我打算去哪里旅游？ | user plan:travel
"""

NOT_ASKED = """
Where have I traveled?
Where did I travel recently?
When did Caroline go to the museum?
What did I do last weekend?
Who won the match?
What happened at work yesterday?
How long does the move take?
Recommend a restaurant.
What did Tom say about the book?
How old is the house?
Why did I leave the party?
What is the capital of France?
我去过哪些地方旅行？
昨天发生了什么？
推荐一本书
你叫什么名字？
你住在哪里？
会议什么时候开始？
"""


def _told(query: str) -> str:
    pairs = asked(query, speakers=("Caroline", "Tom", "小李"))
    return "; ".join(f"{pair.subject} {pair.attribute}" for pair in pairs)


def _rows(table: str) -> list[tuple[str, str]]:
    rows = [line.split("|") for line in table.strip().splitlines()]
    return [(query.strip(), expected.strip()) for query, expected in rows]


@pytest.mark.parametrize(("query", "expected"), _rows(ASKED))
def test_a_question_about_a_state_names_subject_and_attribute(query: str, expected: str):
    assert _told(query) == expected


@pytest.mark.parametrize("query", NOT_ASKED.strip().splitlines())
def test_other_questions_ask_for_no_state(query: str):
    assert _told(query) == ""


def test_a_speaker_is_found_in_any_spelling():
    assert asked("where does caroline live?", ("Caroline",))[0].subject == "caroline"
