"""Answers with a language model and grades the answers with another, or the same.

Every finished question is a line of `answers.jsonl`, written at once, so that a run that was
stopped goes on where it was. The file holds questions' ids and models' words, no data of the set.
"""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from memos.errors import InvalidInputError, MemosError, ModelReplyError, ModelUnavailableError
from memos.evaluation.corpus import Corpus, Question
from memos.evaluation.metrics import within_budget
from memos.evaluation.prompt import (
    LENIENT,
    STRICT,
    answer_prompt,
    chosen,
    judge_prompt,
    verdict,
)
from memos.evaluation.subject import Added, Found, Subject
from memos.llms.base import LLM, Reply
from memos.types.language import count_tokens

ANSWERS = "answers.jsonl"
CONFIG = "answers.config.json"
_ANSWER_TOKENS = 1000
_JUDGE_TOKENS = 1000


@dataclass(frozen=True, slots=True)
class QaOptions:
    """How questions are answered.

    Args:
        memories: most memories in a prompt.
        tokens: room for memories, in tokens; taken in order until the first that does not fit.
        concurrency: questions in work at once.
        temperature: of both models; None leaves it to the server.
    """

    memories: int = 20
    tokens: int = 2000
    concurrency: int = 4
    temperature: float | None = 0.0


@dataclass(frozen=True, slots=True)
class Answered:
    """One question's outcome, as a line of the file.

    Args:
        question: its id.
        category: its class.
        answer: what the model said.
        strict, lenient: the judges' verdicts.
        memories: ids of the memories in the prompt.
        memory_tokens: their size, estimated.
        prompt_tokens, completion_tokens: of the answering call, as the endpoint counted.
        search_ms, answer_ms: times of the search and of the answering call.
    """

    question: str
    category: str
    answer: str
    strict: bool
    lenient: bool
    memories: tuple[str, ...]
    memory_tokens: int
    prompt_tokens: int
    completion_tokens: int
    search_ms: float
    answer_ms: float


@dataclass(frozen=True, slots=True)
class QaRun:
    """All outcomes; `failed` questions got no usable reply and `unlabelled` have no answer to check."""

    answered: tuple[Answered, ...]
    failed: int
    unlabelled: int


class QaRunner:
    """Asks, answers and grades.

    Args:
        subject: holds the dialogues.
        answerer: model that answers.
        judge: model that grades.
        folder: where the file of outcomes lies.
        options: see `QaOptions`.
    """

    def __init__(
        self, subject: Subject, answerer: LLM, judge: LLM, *, folder: Path, options: QaOptions
    ) -> None:
        self._subject = subject
        self._answerer = answerer
        self._judge = judge
        self._folder = folder
        self._options = options
        self._lock = threading.Lock()

    def run(
        self,
        corpus: Corpus,
        added: Sequence[Added],
        on_done: Callable[[], None] = lambda: None,
    ) -> QaRun:
        """Work on every question that has no line in the file yet.

        Raises:
            InvalidInputError: the folder holds a run over another corpus or with other models.
            ModelUnavailableError: not one question could be answered.
        """
        done = self._resume(corpus)
        work, unlabelled = _work(corpus, added, done)
        errors: list[MemosError] = []

        def one(item: tuple[Question, Added]) -> Answered | None:
            try:
                return self._keep(self._answer(*item))
            except (ModelReplyError, ModelUnavailableError) as error:
                errors.append(error)
                return None
            finally:
                on_done()

        with ThreadPoolExecutor(max(1, self._options.concurrency)) as pool:
            new = [found for found in pool.map(one, work) if found]
        if errors and not new and not done:
            raise errors[0]
        return QaRun((*done.values(), *new), len(errors), unlabelled)

    def _answer(self, question: Question, added: Added) -> Answered:
        clock = self._subject.system.clock.monotonic
        started = clock()
        found = self._subject.ask(
            added, question.text, limit=self._options.memories, as_of=question.as_of
        ).found[: self._options.memories]
        sizes = [count_tokens(f.text) for f in found]
        count = within_budget(sizes, self._options.tokens)
        searched = clock()
        reply = self._answerer.complete(
            answer_prompt(question, found[:count]),
            max_tokens=_ANSWER_TOKENS,
            temperature=self._options.temperature,
        )
        answered = clock()
        strict, lenient = self._grade(question, reply)
        return Answered(
            question=question.id,
            category=question.category,
            answer=reply.text,
            strict=strict,
            lenient=lenient,
            memories=_ids(found[:count]),
            memory_tokens=sum(sizes[:count]),
            prompt_tokens=reply.prompt_tokens,
            completion_tokens=reply.completion_tokens,
            search_ms=round((searched - started) * 1000, 2),
            answer_ms=round((answered - searched) * 1000, 2),
        )

    def _grade(self, question: Question, reply: Reply) -> tuple[bool, bool]:
        """Verdicts, strict and lenient. A multiple choice needs no judge."""
        if question.options:
            right = chosen(question.answers[0][:3])
            if right:
                return (chosen(reply.text) == right,) * 2
        strict, lenient = (
            verdict(
                self._judge.complete(
                    judge_prompt(manner, question, reply.text),
                    max_tokens=_JUDGE_TOKENS,
                    temperature=self._options.temperature,
                ).text
            )
            for manner in (STRICT, LENIENT)
        )
        return strict, lenient

    def _keep(self, answered: Answered) -> Answered:
        line = json.dumps(asdict(answered), ensure_ascii=False)
        with self._lock, (self._folder / ANSWERS).open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        return answered

    def _resume(self, corpus: Corpus) -> dict[str, Answered]:
        """Outcomes of an earlier run of the same kind, by question id."""
        config = {
            "corpus": corpus.name,
            "answerer": self._answerer.name,
            "judge": self._judge.name,
            "memories": self._options.memories,
            "tokens": self._options.tokens,
        }
        self._folder.mkdir(parents=True, exist_ok=True)
        known = self._folder / CONFIG
        if known.exists() and json.loads(known.read_text(encoding="utf-8")) != config:
            raise InvalidInputError(
                f"{self._folder} holds a run with other models, options or data; "
                "name another folder with --out"
            )
        known.write_text(json.dumps(config, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        ids = {question.id for dialogue in corpus.dialogues for question in dialogue.questions}
        return {a.question: a for a in read_answers(self._folder / ANSWERS) if a.question in ids}


def read_answers(path: Path) -> Iterator[Answered]:
    """Outcomes of a file; a line cut short by a kill is removed, so that the next starts afresh."""
    if not path.exists():
        return
    text = path.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        path.write_text(whole, encoding="utf-8")
    for line in whole.splitlines():
        row = json.loads(line)
        yield Answered(**{**row, "memories": tuple(row["memories"])})


def _work(
    corpus: Corpus, added: Sequence[Added], done: dict[str, Answered]
) -> tuple[list[tuple[Question, Added]], int]:
    """Questions still to answer, and how many have no expected answer."""
    work, unlabelled = [], 0
    for dialogue, where in zip(corpus.dialogues, added, strict=True):
        for question in dialogue.questions:
            if question.answerable and not question.answers:
                unlabelled += 1
            elif question.id not in done:
                work.append((question, where))
    return work, unlabelled


def _ids(found: Sequence[Found]) -> tuple[str, ...]:
    return tuple(f.id for f in found)
