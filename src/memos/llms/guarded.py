"""A language model behind the guard of its endpoint: places, breaker, ledger."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from memos.endpoints.guard import Caller, Guard
from memos.endpoints.usage import Shares, payers
from memos.llms.base import LLM, Piece, Reply, Turn
from memos.types.language import count_tokens


class GuardedLLM:
    """An `LLM` around another one.

    Args:
        inner: the model; closed with this.
        guard: of its endpoint.
        role: what it is for (`reader`, `chat`, ...), for the ledger.
        wait_s: longest wait for a place at the endpoint, in seconds.
    """

    def __init__(self, inner: LLM, guard: Guard, role: str, *, wait_s: float = 60.0) -> None:
        self._inner = inner
        self._guard = guard
        self._caller = Caller(role, inner.name, wait_s=wait_s)

    @property
    def name(self) -> str:
        """Name of the model."""
        return self._inner.name

    def complete(
        self,
        turns: Sequence[Turn],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
    ) -> Reply:
        """As the port.

        Raises:
            ModelUnavailableError: also while the endpoint rests after failures.
            ModelBudgetError: the model budget of who pays is used up.
        """
        with self._guard.call(self._caller) as spent:
            reply = self._inner.complete(
                turns, schema=schema, max_tokens=max_tokens, temperature=temperature, top_p=top_p
            )
            spent.input_tokens = reply.prompt_tokens or _tokens_of(turns)
            spent.output_tokens = reply.completion_tokens or count_tokens(reply.text)
        return reply

    def stream(
        self,
        turns: Sequence[Turn],
        *,
        max_tokens: int | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
    ) -> Iterator[Piece]:
        """As the port, without the piece of token counts. Charged to who calls this, not who reads."""
        pieces = self._inner.stream(
            turns, max_tokens=max_tokens, temperature=temperature, top_p=top_p
        )
        return self._passed(pieces, payers(), _tokens_of(turns))

    def close(self) -> None:
        """Close the model."""
        self._inner.close()

    def _passed(self, pieces: Iterator[Piece], accounts: Shares, asked: int) -> Iterator[Piece]:
        """Pieces with text. Where the server does not tell tokens they are estimated, at the end."""
        said: list[str] = []
        with self._guard.call(self._caller, accounts) as spent:
            try:
                for piece in pieces:
                    spent.input_tokens = piece.prompt_tokens or spent.input_tokens
                    spent.output_tokens = piece.completion_tokens or spent.output_tokens
                    if piece.text:
                        said.append(piece.text)
                        yield piece
            finally:
                spent.input_tokens = spent.input_tokens or (asked if said else 0)
                spent.output_tokens = spent.output_tokens or count_tokens("".join(said))
                close = getattr(pieces, "close", None)
                if close is not None:
                    close()


def _tokens_of(turns: Sequence[Turn]) -> int:
    return sum(count_tokens(turn.content) for turn in turns)
