"""What a tool call that failed tells the model: what went wrong, and not to try the same again."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TypeVar

from mcp.server.mcpserver.exceptions import ToolError

from memos.errors import MemosError

Answer = TypeVar("Answer")
_REST_S = 60.0
_MOST = 256


async def told(call: Awaitable[Answer]) -> Answer:
    """The answer of a call; its error as a tool's.

    Raises:
        ToolError: the server refused or cannot be reached.
    """
    try:
        return await call
    except MemosError as error:
        raise ToolError(f"{error.message} (code {error.code})") from error


class Breaker:
    """Refuses for a minute what just failed, so that a model does not send it over and over.

    Args:
        now_s: seconds of a clock that never goes back.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._failed: OrderedDict[str, float] = OrderedDict()

    def check(self, what: str) -> None:
        """Raises ToolError when it failed within the last minute."""
        failed = self._failed.get(what)
        if failed is not None and self._now_s() - failed < _REST_S:
            raise ToolError(
                "this failed a moment ago and was not sent again; do not retry it now, tell the "
                "user what went wrong"
            )

    def failed(self, what: str) -> None:
        """Note a failure."""
        self._failed[what] = self._now_s()
        self._failed.move_to_end(what)
        while len(self._failed) > _MOST:
            self._failed.popitem(last=False)

    def passed(self, what: str) -> None:
        """Forget a failure."""
        self._failed.pop(what, None)
