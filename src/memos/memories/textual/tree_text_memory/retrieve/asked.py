"""What a message asks, apart from what else it says.

Clients search with whole messages. In "Which city did I move to? I sold my car." the second sentence
waters down the first: every word counts for the share of the question that a memory covers.
"""

import re

_SENTENCE = re.compile(r"[^.!?。！？\n]*[.!?。！？\n]*")
_ASKS = re.compile(r"[?？]\s*$")
_WORDS = re.compile(r"[A-Za-z0-9']+|[\u3400-\u9fff]")
_LONGEST = 1000
"""Characters of a message beyond which it is a text to be worked on rather than a question."""
_LEAST = 3
"""Words or characters without which a question asks nothing by itself ("Really?")."""


def asked_alone(text: str) -> tuple[str, ...]:
    """The questions of a message that says other things, too, as one text; else nothing.

    Args:
        text: what is searched for.
    """
    if len(text) > _LONGEST or not re.search(r"[?？]", text):
        return ()
    sentences = [found for found in _SENTENCE.findall(text) if _WORDS.search(found)]
    asking = [s for s in sentences if _ASKS.search(s) and len(_WORDS.findall(s)) >= _LEAST]
    if not asking or len(asking) == len(sentences):
        return ()
    return (" ".join(s.strip() for s in asking),)
