"""Chat: recall, answer with a model, remember both turns."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from memos.errors import MemosError, ModelRefusedError, ModelReplyError, TooManyTokensError
from memos.graph_dbs.base import GraphReader
from memos.handlers.add import AddCommand, AddMessages, IncomingMessage
from memos.handlers.caller import Caller
from memos.handlers.meter import Meter
from memos.handlers.search import SearchCommand, SearchMemory
from memos.handlers.view import MemoryView
from memos.llms.base import LLM, Turn
from memos.mem_chat.block import Note, render
from memos.mem_chat.models import ChatModels
from memos.mem_chat.prompt import HISTORY_MESSAGES, history_turns, joined, system_text
from memos.mem_chat.standing import standing
from memos.memories.textual.tree_text_memory.retrieve.viewpoint import HERE_AND_NOW
from memos.records.base import MessageRecords
from memos.types.clock import Clock
from memos.types.filters import all_of
from memos.types.language import count_tokens
from memos.types.memory import LIVE, MemoryKind
from memos.types.message import Message
from memos.types.scope import Scope

logger = logging.getLogger(__name__)

MAX_INPUT_TOKENS = 8000
_QUERY_TOKENS = 2000
"""So much of a long query, from its beginning and from its end, is searched for."""
_WISHES = 100
"""So many of the latest stated preferences are looked through for standing wishes."""
_UNSAVED = 50144
_TOO_LONG = 40303


@dataclass(frozen=True, slots=True)
class Generation:
    """How the model is to write; None leaves it to the model's server."""

    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None


@dataclass(frozen=True, slots=True)
class ChatCommand:
    """A chat as a client means it.

    Args:
        query: what the user says.
        conversation_id: its earlier turns go along with the query.
        search: which memories may be recalled; its query is not looked at.
        add: how both turns are remembered, without the turns; None for not at all.
        system_prompt: the caller's own instructions; None for the built-in ones.
        model: name of the model; None for the default.
        generation: how it is to write.
    """

    query: str
    conversation_id: str
    search: SearchCommand
    add: AddCommand | None = None
    system_prompt: str | None = None
    model: str | None = None
    generation: Generation = field(default_factory=Generation)


@dataclass(frozen=True, slots=True)
class ChatOutcome:
    """An answer.

    Args:
        response: its text.
        reasoning: what the model thought before, as far as it shows it.
        memory_ids: memories the model was shown.
        task_id: the work of remembering both turns; None when they are not remembered.
        unsaved: why both turns could not be stored, if they could not.
    """

    response: str
    reasoning: str
    memory_ids: tuple[str, ...]
    task_id: str | None = None
    unsaved: MemosError | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of an answer under way: of its text, or of the thinking before it."""

    text: str
    reasoning: bool = False


@dataclass(frozen=True, slots=True)
class ChatParts:
    """What a chat works with."""

    search: SearchMemory
    add: AddMessages
    messages: MessageRecords
    graph: GraphReader
    models: ChatModels
    meter: Meter
    clock: Clock


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Everything up to the model."""

    llm: LLM
    turns: tuple[Turn, ...]
    memory_ids: tuple[str, ...]
    asked_at: int


class Chat:
    """The use case behind `chat`."""

    def __init__(self, parts: ChatParts) -> None:
        self._parts = parts

    def __call__(self, caller: Caller, command: ChatCommand) -> ChatOutcome:
        """Answer at once.

        What is to be remembered is stored, and found by a search, when this returns.

        Raises:
            TooManyTokensError: query and instructions are over 8000 tokens.
            ConfigError: no chat model is configured.
            InvalidInputError: no model of this name is.
            NotFoundError: a knowledge base is named that the project does not have (50123).
            QuotaExceededError: the project's tokens per minute are used up.
            ModelRefusedError: the model takes no request like this one (40303).
            ModelUnavailableError, ModelReplyError: the model gave no answer; nothing is stored.
        """
        with self._parts.meter.measure(caller.project, "chat", self._checked(command)):
            prepared = self._prepare(caller, command)
            options = command.generation
            with _told_apart():
                reply = prepared.llm.complete(
                    prepared.turns,
                    max_tokens=options.max_tokens,
                    temperature=options.temperature,
                    top_p=options.top_p,
                )
            done = ChatOutcome(storable(reply.text), storable(reply.reasoning), prepared.memory_ids)
            return self._remembered(caller, command, prepared, done)

    def stream(self, caller: Caller, command: ChatCommand) -> Iterator[Said | ChatOutcome]:
        """Answer piece by piece, last the outcome. Raises as a call, before the first piece.

        Closed early, it ends the model's call and remembers the part that was given out; a model
        that breaks off raises after its pieces, and nothing is remembered.
        """
        with self._parts.meter.measure(caller.project, "chat", self._checked(command)):
            prepared = self._prepare(caller, command)
            options = command.generation
            pieces = prepared.llm.stream(
                prepared.turns,
                max_tokens=options.max_tokens,
                temperature=options.temperature,
                top_p=options.top_p,
            )
            said: list[Said] = []
            try:
                with _told_apart():
                    for piece in pieces:
                        if not piece.text:
                            continue
                        said.append(Said(piece.text, piece.reasoning))
                        yield said[-1]
            except GeneratorExit:
                _close(pieces)
                self._remembered(caller, command, prepared, _outcome(said, prepared))
                return
            done = _outcome(said, prepared)
            if not done.response:
                raise ModelReplyError("the model answered nothing")
            yield self._remembered(caller, command, prepared, done)

    @staticmethod
    def _checked(command: ChatCommand) -> int:
        tokens = count_tokens(command.query) + count_tokens(command.system_prompt or "")
        if tokens > MAX_INPUT_TOKENS:
            raise TooManyTokensError(
                f"query and system_prompt hold about {tokens} tokens, more than the "
                f"{MAX_INPUT_TOKENS} of one chat; shorten them, and keep documents in memory",
                field="query",
            )
        return tokens

    def _prepare(self, caller: Caller, command: ChatCommand) -> _Prepared:
        parts = self._parts
        llm = parts.models.choose(command.model)
        now_ms = parts.clock.now_ms()
        search = replace(command.search, query=searchable(command.query))
        parts.search.check(search)
        if command.add is not None:
            said_now = _turn("user", command.query, now_ms)
            parts.add.check(caller, _with_turns(command.add, said_now))
        subject = caller.subject(search.user_id, search.agent_id)
        said = parts.messages.recent_messages(subject, command.conversation_id, HISTORY_MESSAGES)
        facts, preferences = self._recalled(caller, search, said)
        block, memory_ids = render(facts, preferences, zone=parts.search.zone)
        system = system_text(
            command.system_prompt,
            block,
            query=command.query,
            now_ms=now_ms,
            zone=parts.search.zone,
        )
        talk = joined([*history_turns(said), Turn("user", command.query)])
        return _Prepared(llm, (Turn("system", system), *talk), memory_ids, now_ms)

    def _recalled(
        self, caller: Caller, search: SearchCommand, said: Sequence[Message]
    ) -> tuple[list[Note], list[Note]]:
        """Facts and preferences for the prompt; what the conversation itself says is left out."""
        found = self._parts.search.find(caller, search)
        shown = {message.id for message in said}
        facts = [
            _note(view)
            for view in found.facts
            if not view.item.sources
            or not all(source.message_id in shown for source in view.item.sources)
        ]
        preferences = [_note(view) for view in found.preferences]
        known = {note.item.id for note in preferences}
        wishes = self._wishes(caller, search) if search.preferences else []
        room = search.preferences - len(preferences)
        more = [wish for wish in wishes if wish.item.id not in known]
        if len(more) > room:
            # Wishes about every answer bear on this one more than the least related preference.
            preferences = preferences[: max(0, search.preferences - len(more))]
        return facts, [*preferences, *more][: search.preferences]

    def _wishes(self, caller: Caller, search: SearchCommand) -> list[Note]:
        """Stated wishes about answers in general, latest first."""
        scope = Scope.of(caller.subject(search.user_id, search.agent_id))
        kinds = frozenset({MemoryKind.EXPLICIT_PREFERENCE})
        where = all_of(HERE_AND_NOW.where(LIVE), search.user_filter)
        page = self._parts.graph.find(scope, kinds, where, limit=_WISHES)
        wishes = standing(page.items, search.preferences)
        self._parts.search.handed_out(wishes)
        return [Note(item, item.value) for item in wishes]

    def _remembered(
        self, caller: Caller, command: ChatCommand, prepared: _Prepared, done: ChatOutcome
    ) -> ChatOutcome:
        """The outcome, with both turns stored. The answer is not lost when they cannot be."""
        if command.add is None or not done.response.strip():
            return done
        turns = (
            _turn("user", command.query, prepared.asked_at),
            _turn("assistant", done.response, self._parts.clock.now_ms()),
        )
        try:
            stored = self._parts.add.store(caller, _with_turns(command.add, *turns))
        except MemosError as error:
            logger.warning("chat not remembered", extra={"code": error.code})
            unsaved = MemosError(
                "the answer was given, but the messages could not be saved; send them with "
                "add/message",
                code=_UNSAVED,
            )
            return replace(done, unsaved=unsaved)
        return replace(done, task_id=stored.task_id)


@contextmanager
def _told_apart() -> Iterator[None]:
    """A model that refuses this very request has most likely been sent, or asked for, too much."""
    try:
        yield
    except ModelRefusedError as error:
        raise ModelRefusedError(
            "the model refused the request, which may be longer than it takes; shorten query, "
            "system_prompt or max_tokens, or recall fewer memories",
            code=_TOO_LONG,
        ) from error


def searchable(query: str) -> str:
    """What of a query is searched for: all of it, or the beginning and the end of a long one."""
    tokens = count_tokens(query)
    if tokens <= _QUERY_TOKENS:
        return query
    half = len(query) * _QUERY_TOKENS // (2 * tokens)
    return f"{query[:half]}\n{query[-half:]}"


def storable(text: str) -> str:
    """A model's text as stores take it: halves of surrogate pairs joined or replaced, no NUL."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\x00", "\ufffd")


def _outcome(said: Sequence[Said], prepared: _Prepared) -> ChatOutcome:
    return ChatOutcome(
        storable("".join(piece.text for piece in said if not piece.reasoning)),
        storable("".join(piece.text for piece in said if piece.reasoning)),
        prepared.memory_ids,
    )


def _note(view: MemoryView) -> Note:
    return Note(view.item, view.value)


def _turn(role: str, text: str, at_ms: int) -> IncomingMessage:
    return IncomingMessage(role=role, text=text, chat_time=at_ms)


def _with_turns(command: AddCommand, *turns: IncomingMessage) -> AddCommand:
    return replace(command, messages=turns)


def _close(pieces: object) -> None:
    close = getattr(pieces, "close", None)
    if close is not None:
        close()
