"""Parts an answer from the thinking some models write before it. Pure text."""

import re

_OPENING = re.compile(r"\s*<(think|thinking|thought|reasoning)>", re.IGNORECASE)
_STRAY_CLOSING = re.compile(r"</(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
_LONGEST_TAG = len("<reasoning>")


def split_reasoning(text: str) -> tuple[str, str]:
    """Answer and reasoning of a whole reply.

    Leading `<think>...</think>` blocks are taken off (also `thinking`, `thought`, `reasoning`);
    a block that is never closed leaves no answer. A closing tag without its opening one, as some
    chat templates leave it, ends the reasoning when it stands alone on its line.

    Returns:
        `(answer, reasoning)`, both stripped of outer white space.
    """
    thoughts = []
    while opening := _OPENING.match(text):
        closing = f"</{opening[1].lower()}>"
        end = text.lower().find(closing, opening.end())
        if end < 0:
            thoughts.append(text[opening.end() :])
            text = ""
            break
        thoughts.append(text[opening.end() : end])
        text = text[end + len(closing) :]
    if not thoughts and (stray := _STRAY_CLOSING.search(text)) and _alone(text, stray):
        thoughts.append(text[: stray.start()])
        text = text[stray.end() :]
    return text.strip(), "\n".join(t.strip() for t in thoughts).strip()


def _alone(text: str, tag: re.Match[str]) -> bool:
    before = text[: tag.start()].rpartition("\n")[2]
    after = text[tag.end() :].partition("\n")[0]
    return not before.strip() and not after.strip()


class ReasoningFilter:
    """Parts a stream into thinking and answer, holding back no more than a tag's length."""

    def __init__(self) -> None:
        self._held = ""
        self._closing = ""
        self._answering = False

    def feed(self, piece: str) -> tuple[str, str]:
        """The next part of the thinking and of the answer, either possibly empty."""
        if self._answering:
            return "", piece
        self._held += piece
        thought = ""
        while True:
            if self._closing:
                before, found, after = self._held.partition(self._closing)
                if not found:
                    kept = _started(before, self._closing)
                    self._held = before[len(before) - kept :]
                    return thought + before[: len(before) - kept], ""
                thought += before
                self._closing, self._held = "", after
            elif opening := _OPENING.match(self._held):
                self._closing = f"</{opening[1]}>"
                self._held = self._held[opening.end() :]
            else:
                return thought, self._release()

    def end(self) -> tuple[str, str]:
        """What is left of the thinking and of the answer when the stream is over."""
        if self._answering:
            return "", ""
        return (self._held, "") if self._closing else ("", self._held.lstrip())

    def _release(self) -> str:
        start = self._held.lstrip()
        if not start or (start[0] == "<" and ">" not in start and len(start) < _LONGEST_TAG):
            return ""
        self._answering = True
        return start


def _started(text: str, tag: str) -> int:
    """Number of characters at the end of the text that may be the beginning of a tag."""
    return next((n for n in range(len(tag) - 1, 0, -1) if text.endswith(tag[:n])), 0)
