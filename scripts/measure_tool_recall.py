"""Measure by how much requests lie above the tools, uses and skills they call for.

Usage: python scripts/measure_tool_recall.py

A small set written for this purpose, English and Chinese. Prints, for tools (their descriptions and
the requests they were used for), for skills, and for pairs of requests that do or do not belong to
one task: how many related and unrelated pairs lie above a number of cosines, each above that of
unrelated texts of the bundled encoder.
"""

import itertools

from memos.embedders.factory import build_embedder
from memos.types.clock import SystemClock

TOOLS = (
    "What's the weather like in Beijing right now?",
    "get weather. Get current weather information for a given location. location City name",
    "Book a table for two at Luigi's",
    "book table. Reserve a table at a restaurant. restaurant. people. time",
    "北京现在天气怎么样？",
    "Search the web for news about electric cars",
    "search web. Search the internet and return the top results. query",
    "Send an email to Bob about the meeting",
    "send email. Send an email to a recipient. to. subject. body",
    "Run the unit tests of the payment module",
    "run command. Run a shell command and return its output. command",
    "Convert 100 dollars to euros",
    "convert currency. Convert an amount between currencies. amount. from. to",
)
TOOL_REQUESTS = (
    ("What clothes are suitable for Beijing", (0, 1, 4)),
    ("Is it going to rain in Shanghai tomorrow?", (0, 1, 4)),
    ("明天去北京穿什么", (0, 1, 4)),
    ("Reserve dinner for four at the Italian place", (2, 3)),
    ("Find me articles on battery technology", (5, 6)),
    ("Tell Alice by mail that I'm late", (7, 8)),
    ("Check whether the tests pass", (9, 10)),
    ("How much is 50 pounds in yen?", (11, 12)),
)
SKILLS = (
    "Customer Return Processing. Guide customer service to handle user return requests",
    "Travel Planning. How this user wants travel planning to be done: Likes intense, "
    "no-backtracking trips; Prefers cultural attractions. I'm going to Chengdu for 5 days.",
    "Travel Planning. How this user wants travel planning to be done: Night owl; Hates early "
    "mornings. I want to spend a few days in Chengdu.",
    "旅行规划. 按该用户的习惯完成“旅行规划”：喜欢紧凑、不走回头路的行程。. 我下周要去成都玩5天。",
    "Weekly Report Writing. How this user wants weekly report writing to be done: Keep it under "
    "one page; Start with the numbers. Write the weekly report for me",
    "Meal Planning. How this user wants meal planning to be done: Vegetarian. What should I cook?",
    "Code Review. Reviews pull requests for style and errors following the team's checklist",
)
SKILL_REQUESTS = (
    ("The user wants to return headphones bought three days ago", (0,)),
    ("A customer asks for a refund of shoes", (0,)),
    ("I'm planning a 7-day trip to Yunnan for the spring holiday.", (1, 2, 3)),
    ("我打算春节去云南玩7天，帮我规划一下行程。", (1, 2, 3)),
    ("Where should we go in Rome?", (1, 2, 3)),
    ("Draft my status update for Friday", (4,)),
    ("Help me with this week's report", (4,)),
    ("What's for dinner?", (5,)),
    ("Please look over my pull request", (6,)),
    ("How do I fix a flat bicycle tire?", ()),
    ("What is the boiling point of nitrogen?", ()),
    ("Do you remember my sister's name?", ()),
)
TASKS = (
    ("What's the weather like in Beijing right now?", "How is the weather in Shanghai today?",
     "Weather in Paris tomorrow?", "北京现在天气怎么样？", "上海今天天气如何"),
    ("Find flights from Beijing to Tokyo", "Find cheap flights to New York next Monday"),
    ("Send an email to Bob about the meeting", "Send Alice a mail saying I'm late"),
    ("Book a table for two at an Italian restaurant",),
    ("Translate this sentence into French",),
    ("What clothes are suitable for Beijing",),
)  # fmt: skip
LEVELS = (0.15, 0.20, 0.22, 0.26, 0.30, 0.42, 0.45, 0.50)


def show(title: str, related: list[float], unrelated: list[float]) -> None:
    """Print how many pairs lie above each level."""
    print(f"{title}: {len(related)} related, {len(unrelated)} unrelated pairs")
    for level in LEVELS:
        kept = sum(value >= level for value in related)
        wrong = sum(value >= level for value in unrelated)
        print(f"  above {level:.2f}: {kept} related, {wrong} unrelated")


def main() -> None:
    """Measure the three sets."""
    embedder = build_embedder("use_multilingual", SystemClock())
    mean = embedder.profile.mean_cosine
    for title, texts, requests in (
        ("tools", TOOLS, TOOL_REQUESTS),
        ("skills", SKILLS, SKILL_REQUESTS),
    ):
        vectors = embedder.embed(texts)
        related: list[float] = []
        unrelated: list[float] = []
        for request, wanted in requests:
            cosines = vectors @ embedder.embed([request], query=True)[0] - mean
            for place, cosine in enumerate(cosines):
                (related if place in wanted else unrelated).append(float(cosine))
        show(title, related, unrelated)
    told = [(kind, text) for kind, texts in enumerate(TASKS) for text in texts]
    vectors = embedder.embed([text for _, text in told])
    related, unrelated = [], []
    for (n, first), (m, second) in itertools.combinations(enumerate(told), 2):
        cosine = float(vectors[n] @ vectors[m]) - mean
        (related if first[0] == second[0] else unrelated).append(cosine)
    show("requests of one task", related, unrelated)
    embedder.close()


if __name__ == "__main__":
    main()
