"""A home assistant: plans, habits and family. Speaks English or Chinese."""

from assistant import Assistant, run

from memos.api.client import MemOSClient

ROLES = {
    "en": "You are a home assistant. You help a family with plans and chores.",
    "zh": "你是家庭助手，帮助一家人安排计划和家务。",
}
TOLD = {
    "en": (
        "My wife is called Ines and our daughter Juna is six years old.",
        "On Saturday we take Juna to the aquarium, please remember that.",
        "Whenever you make a plan, please list three key points first, then one short tip.",
        "We do the laundry on Sundays and Ines hates ironing.",
    ),
    "zh": (
        "我妻子叫伊宁，女儿朱娜今年六岁。",
        "星期六我们带朱娜去水族馆，请记住。",
        "以后给我做计划时，请先列出三个要点，再给一条简短的建议。",
        "我们每个星期天洗衣服，伊宁讨厌熨衣服。",
    ),
}
ASKED = {
    "en": ("What plans do we have for the weekend?", "Who should do the ironing next week?"),
    "zh": ("我们周末有什么安排？", "下周谁来熨衣服？"),
}


def scene(client: MemOSClient, language: str) -> Assistant:
    """A family is told about once; later questions know it."""
    assistant = Assistant(client, "example-home", ROLES[language])
    print("\nFirst conversation")
    assistant.listen(*TOLD[language])
    print("\nLater conversations")
    for question in ASKED[language]:
        assistant.ask(question)
    return assistant


if __name__ == "__main__":
    run("A home assistant that knows the family", scene)
