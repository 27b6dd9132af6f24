"""Reading without a model: English and Chinese, by rules."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import tzinfo

from memos.mem_reader.base import Window
from memos.mem_reader.fast import cut
from memos.mem_reader.rules import answer, filler, question
from memos.mem_reader.rules.cast import Cast
from memos.mem_reader.rules.chatter import is_chatter
from memos.mem_reader.rules.drafting import Teller, draft_of, finish
from memos.mem_reader.rules.errand import apart
from memos.mem_reader.rules.preference import is_preference
from memos.mem_reader.rules.sentence import sentences
from memos.mem_reader.rules.unit import Form, Setting, Unit, units_of
from memos.mem_reader.speaker import is_named, speaker_of, spoken_text
from memos.types.chat_time import BEIJING
from memos.types.language import count_tokens, is_chinese
from memos.types.memory import Draft, Source
from memos.types.message import Message

_LONG_TOKENS = 600
_PARAGRAPH_TOKENS = 256
_WHOLE_MESSAGE_WORDS = 8
_CODE = re.compile(
    r"```|^[ \t]*(?:def \w+\(|class \w+[:(]|import [\w.]+;?[ \t]*$|from [\w.]+ import |#include|"
    r"function \w*\(|SELECT .{1,80} FROM |</?\w+>)",
    re.MULTILINE,
)
_CONFIRMED = 0.9
_ASSISTANT = ("the assistant", "助手")
_TALKERS = ("user", "assistant")


class RuleReader:
    """Draws drafts by rules: no model, no network, the same drafts for the same window.

    Args:
        zone: zone in which dates are resolved and written.
    """

    def __init__(self, *, zone: tzinfo = BEIJING) -> None:
        self._zone = zone

    def read(self, window: Window) -> Sequence[Draft]:
        """Self-contained, dated, attributed statements in the language of their source.

        Args:
            window: messages of users and assistants; others are not read here.

        Returns:
            Drafts in the order of their sources; no two with the same value.
        """
        drafts: dict[str, Draft] = {}
        talk = [*window.context, *window.messages]
        for at, message in enumerate(window.messages, start=len(window.context)):
            if message.role not in _TALKERS or not message.text.strip():
                continue
            before = talk[at - 1] if at else None
            reading = _Reading(window, message, before, self._zone)
            for draft in reading.drafts():
                drafts.setdefault(draft.value, draft)
        return list(drafts.values())


class _Reading:
    """Reads one message of a window."""

    def __init__(
        self, window: Window, message: Message, before: Message | None, zone: tzinfo
    ) -> None:
        self._window = window
        self._message = message
        self._before = before
        self._zone = zone
        self._text, self._offset = spoken_text(message)
        people = {speaker_of(m) for m in (*window.context, *window.messages) if is_named(m)}
        self._people = people
        self._names = frozenset(word.lower() for name in people for word in name.split())

    def drafts(self) -> Iterator[Draft]:
        """Drafts of the message, in order."""
        if count_tokens(self._text) > _LONG_TOKENS or _CODE.search(self._text):
            yield from self._paragraphs()
            return
        teller = self._teller(self._text)
        found = 0
        for draft in self._confirmation(teller):
            found += 1
            yield draft
        for draft in self._statements(teller):
            found += 1
            yield draft
        if not found and self._is_worth_keeping(teller):
            yield self._draft(self._whole(), teller)

    def _statements(self, teller: Teller) -> Iterator[Draft]:
        instructs = not teller.view and teller.cast.listener in _ASSISTANT
        setting = Setting(self._names, person=not teller.view, instructs=instructs)
        units = units_of(self._text, self._offset, setting)
        question_before = self._asked()
        alone = teller.cast.listener in _ASSISTANT and not teller.view and not question_before
        for index, unit in enumerate(units):
            chatter = all(is_chatter(s.text) for s in sentences(unit.text))
            if alone and not unit.preference and chatter:
                continue
            if teller.view and len(filler.content_words(unit.text, self._names)) < 3:
                continue
            first = index == 0 and not teller.view
            unclear = answer.needs_question(unit.text, question_before)
            needs = question_before if first and unclear else ""
            limit = answer.constraint(self._text) if first and question_before else None
            if limit is not None:
                yield self._limited(unit, teller, question_before, limit)
            else:
                yield self._draft(unit, teller, asked=needs)

    def _limited(self, unit: Unit, teller: Teller, asked: str, limit: str) -> Draft:
        """A preference out of an offer that is taken with a reserve."""
        if is_chinese(unit.text):
            value = f"{teller.cast.speaker}{limit}（被问到“{asked}”）。"
        else:
            value = f'{teller.cast.opening()} wants {limit} (asked "{asked}").'
        wish = replace(unit, preference=True)
        return finish(value, wish, self._message, teller, zone=self._zone, tags=self._window.tags)

    def _draft(self, unit: Unit, teller: Teller, asked: str = "") -> Draft:
        language = self._teller(unit.text) if not teller.named else teller
        return draft_of(
            unit, self._message, language, zone=self._zone, tags=self._window.tags, asked=asked
        )

    def _teller(self, text: str) -> Teller:
        """Who speaks, named in the language of the text."""
        han = is_chinese(text)
        user, assistant = ("用户", "助手") if han else ("the user", "the assistant")
        message = self._message
        named = is_named(message)
        speaker = speaker_of(message)
        mine, other = (user, assistant) if message.role == "user" else (assistant, user)
        others = self._people - {speaker}
        if len(others) == 1:
            other = next(iter(others))
        listener: str | None = other
        if len(others) > 1 or (named and not others and not self._has_assistant()):
            listener = None
        view = message.role == "assistant" and not named
        return Teller(Cast(speaker if named else mine, listener), speaker, named, view)

    def _has_assistant(self) -> bool:
        """An assistant without a name takes part, and this is not it."""
        talk = (*self._window.context, *self._window.messages)
        return any(m.role == "assistant" and not is_named(m) for m in talk)

    def _asked(self) -> str:
        """The last question of the message before, when somebody else asked it."""
        before = self._before
        if before is None or speaker_of(before) == speaker_of(self._message):
            return ""
        text, _ = spoken_text(before)
        if len(text) > 4000:
            return ""
        last = [s.text for s in sentences(text) if question.is_question(s.text)]
        last = [text for text in last if not question.is_open(text)]
        return last[-1] if last and len(last[-1]) <= 200 else ""

    def _confirmation(self, teller: Teller) -> Iterator[Draft]:
        """The statement that a yes or no makes of the question before it."""
        asked = self._asked()
        if not asked or teller.view:
            return
        agreed = answer.agreement(self._text)
        lead = answer.leading_yes(self._text) if agreed is None else 0
        if agreed is None and not lead:
            return
        cast = Cast(self._asker(), teller.cast.speaker)
        value = answer.confirmed(asked, cast, agreed=agreed is not False)
        if value is None:
            return
        start = self._offset
        end = start + (lead or len(self._text))
        said = self._message.text[start:end]
        told = answer.as_if_told(asked)
        unit = Unit(start, start + len(said.rstrip()), told, preference=is_preference(told))
        draft = finish(value, unit, self._message, teller, zone=self._zone, tags=self._window.tags)
        sources = self._question_source(asked) + draft.sources
        yield replace(draft, statement=asked, sources=sources, confidence=_CONFIRMED)

    def _asker(self) -> str:
        before = self._before
        if before is not None and is_named(before):
            return speaker_of(before)
        return "助手" if is_chinese(self._text) else "the assistant"

    def _question_source(self, asked: str) -> tuple[Source, ...]:
        before = self._before
        if before is None or before not in self._window.messages:
            return ()
        start = before.text.rfind(asked)
        return (Source(before.id, before.role, start, start + len(asked), before.chat_time),)

    def _whole(self) -> Unit:
        start = self._offset + len(self._text) - len(self._text.lstrip())
        text = self._text.strip()
        return Unit(start, start + len(text), text)

    def _is_worth_keeping(self, teller: Teller) -> bool:
        """Nothing was drawn from a long statement of a person: better keep all than lose it."""
        if teller.view:
            return False
        text = self._text
        words = filler.content_words(text, self._names)
        if len(words) < _WHOLE_MESSAGE_WORDS:
            return False
        return not any(
            question.is_question(s.text)
            or question.is_request(s.text)
            or apart(s.text, instructs=True)
            or is_chatter(s.text)
            for s in sentences(text)
        )

    def _paragraphs(self) -> Iterator[Draft]:
        """A long or technical text, paragraph by paragraph."""
        text = self._message.text
        for start, end in cut(text, self._offset, len(text), _PARAGRAPH_TOKENS):
            part = text[start:end]
            if not filler.is_small_talk(part, self._names):
                form = Form.PASTED if _CODE.search(self._text) else Form.STATEMENT
                yield self._draft(Unit(start, end, part, form, line=True), self._teller(part))
