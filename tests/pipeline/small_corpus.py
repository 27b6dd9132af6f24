"""Two short dialogues and a LoCoMo file of them, for tests of the whole way."""

import json
from pathlib import Path

from memos.evaluation.corpus import Corpus
from memos.evaluation.formats import load

_TALK = {
    "Mona": [
        (
            "My dog Biscuit ate a whole shoe yesterday.",
            "What is the name of Mona's dog?",
            "Biscuit",
        ),
        ("I work as a glazier in Ghent.", "What is Mona's job?", "glazier"),
        ("I am allergic to walnuts.", "What is Mona allergic to?", "walnuts"),
    ],
    "Igor": [
        ("My daughter Vera plays the oboe.", "Which instrument does Vera play?", "the oboe"),
        ("I sold the yellow motorbike to my neighbour.", "What did Igor sell?", "a motorbike"),
        ("We are going to Madeira in spring.", "Where is Igor going in spring?", "Madeira"),
    ],
}
_REPLIES = ("That is quite something.", "I see.", "How nice for you.")


def small_file(folder: Path) -> Path:
    """The two dialogues in the form of LoCoMo, with one question each that has no answer."""
    path = folder / "small.json"
    path.write_text(json.dumps([_sample(name) for name in _TALK]), encoding="utf-8")
    return path


def small_corpus(folder: Path) -> Corpus:
    """The two dialogues, loaded."""
    return load("locomo", small_file(folder))


def _sample(name: str) -> dict:
    turns, qa = [], []
    for said, asked, answer in _TALK[name]:
        number = len(turns) + 1
        reply = _REPLIES[number // 2 % 3]
        turns.append({"speaker": name, "dia_id": f"D1:{number}", "text": said})
        turns.append({"speaker": "Kim", "dia_id": f"D1:{number + 1}", "text": reply})
        qa.append(
            {"question": asked, "answer": answer, "evidence": [f"D1:{number}"], "category": 4}
        )
    qa.append({"question": f"Which car does {name} drive?", "evidence": [], "category": 5})
    conversation = {
        "speaker_a": name,
        "speaker_b": "Kim",
        "session_1_date_time": "10:00 am on 2 May, 2024",
        "session_1": turns,
    }
    return {"sample_id": name.lower(), "conversation": conversation, "qa": qa}
