"""Who a model call is for, and what it took. Carried by the context of the thread.

An edge (a request, a task) says `charged_to(project, operation)`; whatever calls a model below it
need not know. Work that is gathered from several callers is charged in shares.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

NOBODY = ""
"""Project of calls made for no project: measuring an encoder, checking a model."""

REEMBEDDING = "reembed"
"""Operation of remaking vectors for another embedder: charged, and never refused half-way."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who pays: a project, and what it had asked for (`add`, `search`, `chat`, ...)."""

    project: str = NOBODY
    operation: str = "system"


@dataclass(slots=True)
class Spent:
    """Tokens one call took; filled in while it runs."""

    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ModelUse:
    """Calls of a model, as the ledger keeps them.

    Args:
        account: who they were for.
        role: `reader`, `rewriter`, `feedback`, `chat`, `embedder`, `reranker`, ...
        model: name of the model.
        calls: number of calls.
        failures: how many of them were not answered usably.
        input_tokens, output_tokens: as the endpoint counted, or an estimate where it does not.
        milliseconds: time spent waiting for it.
    """

    account: Account
    role: str
    model: str
    calls: int = 1
    failures: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    milliseconds: int = 0


class ModelLedger(Protocol):
    """Keeps what models took, and knows whose budget is used up."""

    def admit(self, account: Account, role: str) -> None:
        """Raises ModelBudgetError when the account may not have a model called in a role now."""
        ...

    def note(self, use: ModelUse) -> None:
        """Count a call. Must be quick."""
        ...


Shares = tuple[tuple[Account, int], ...]
"""Accounts with their weights, > 0."""

_PAYERS: ContextVar[Shares] = ContextVar("memos_payers", default=((Account(), 1),))
_SPENT: ContextVar[Spent | None] = ContextVar("memos_spent", default=None)


@contextmanager
def charged_to(project: str, operation: str) -> Iterator[None]:
    """Charge the model calls made inside to a project."""
    with shared_by(((Account(project, operation), 1),)):
        yield


@contextmanager
def shared_by(shares: Shares) -> Iterator[None]:
    """Charge the model calls made inside to several, by weight."""
    before = _PAYERS.get()
    _PAYERS.set(shares)
    try:
        yield
    finally:
        # Not reset(): a generator may be finished in another context than it was begun in.
        _PAYERS.set(before)


def payers() -> Shares:
    """Who pays for a call made now."""
    return _PAYERS.get()


def joined(shares: Sequence[tuple[Shares, int]]) -> Shares:
    """One list of accounts from the lists of several callers, each with a weight."""
    total: dict[Account, int] = {}
    for accounts, weight in shares:
        for account, part in accounts:
            total[account] = total.get(account, 0) + max(1, weight) * part
    return tuple(total.items())


@contextmanager
def counting(spent: Spent) -> Iterator[None]:
    """Take what adapters `report` inside."""
    before = _SPENT.get()
    _SPENT.set(spent)
    try:
        yield
    finally:
        _SPENT.set(before)


def report(input_tokens: object, output_tokens: object = 0) -> None:
    """Add tokens to the call under way; anything but a count, as odd servers send, adds nothing."""
    spent = _SPENT.get()
    if spent is not None:
        spent.input_tokens += count(input_tokens)
        spent.output_tokens += count(output_tokens)


def count(value: object) -> int:
    """A number of tokens as a server sent it; 0 when it is none."""
    return value if isinstance(value, int) and value > 0 else 0


def split(use: ModelUse, shares: Shares) -> list[ModelUse]:
    """A use divided among those who pay; nothing is lost in rounding, each counts the call."""
    whole = sum(weight for _, weight in shares)
    parts, done = [], 0
    for account, weight in shares:
        start, done = done, done + weight
        amounts = [
            amount * done // whole - amount * start // whole
            for amount in (use.input_tokens, use.output_tokens, use.milliseconds)
        ]
        parts.append(ModelUse(account, use.role, use.model, use.calls, use.failures, *amounts))
    return parts
