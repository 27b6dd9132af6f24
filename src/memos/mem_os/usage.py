"""Connects usage, budgets and the guards of models to the ledger."""

from dataclasses import dataclass

from memos.configs.settings import Settings
from memos.endpoints.counters import Counters
from memos.endpoints.guard import Guards
from memos.endpoints.usage import REEMBEDDING, Account, ModelUse
from memos.handlers.budget import MINUTE, Budgets
from memos.handlers.loop import LoopBreaker
from memos.handlers.meter import Meter
from memos.records.base import Ledger, ModelUsageRow
from memos.types.clock import Clock


@dataclass(frozen=True, slots=True)
class Spending:
    """What watches over what is used.

    Args:
        budgets: of the projects.
        meter: of the requests.
        guards: of the model endpoints.
        counters: totals of model calls of this process.
    """

    budgets: Budgets
    meter: Meter
    guards: Guards
    counters: Counters


class ModelBooks:
    """Writes model calls into the ledger, the budgets and the counters."""

    def __init__(self, ledger: Ledger, budgets: Budgets, counters: Counters) -> None:
        self._ledger = ledger
        self._budgets = budgets
        self._counters = counters

    def admit(self, account: Account, role: str) -> None:
        """Raises ModelBudgetError when the project's tokens of today for the role are used up."""
        if account.project and account.operation != REEMBEDDING:
            self._budgets.admit_model(account.project, role)

    def note(self, use: ModelUse) -> None:
        """Count a call."""
        self._counters.note(use)
        row = ModelUsageRow(
            project_id=use.account.project,
            day="",
            operation=use.account.operation,
            role=use.role,
            model=use.model,
            calls=use.calls,
            failures=use.failures,
            input_tokens=use.input_tokens,
            output_tokens=use.output_tokens,
            milliseconds=use.milliseconds,
        )
        self._ledger.add_model_usage(row)
        if use.account.project:
            tokens = use.input_tokens + use.output_tokens
            self._budgets.note_model(use.account.project, use.role, tokens)


def build_spending(settings: Settings, ledger: Ledger, clock: Clock) -> Spending:
    """Connect them; nothing is counted yet."""
    budgets = configured_budgets(settings, ledger, clock)
    counters = Counters()
    guards = Guards(
        clock,
        places=settings.model_concurrency,
        ledger=ModelBooks(ledger, budgets, counters),
    )
    meter = Meter(ledger, clock, budgets, LoopBreaker(clock, settings.loop_repeats))
    return Spending(budgets, meter, guards, counters)


def configured_budgets(settings: Settings, ledger: Ledger, clock: Clock) -> Budgets:
    """The budgets of the settings, and those of single projects above them."""
    daily = {str(name): amount for name, amount in settings.budgets.items()}
    defaults = {MINUTE: settings.tokens_per_minute, **daily}
    return Budgets(ledger, clock, defaults)
