"""Ports of what keeps the stores in order: holds across processes, and policies of projects."""

from collections.abc import Mapping
from typing import Protocol

from memos.types.lease import Lease


class HoldRecords(Protocol):
    """Leases by name, for what at most one process may do at a time. They end by themselves."""

    def take_hold(self, name: str, holder: str, seconds: float) -> bool:
        """Take or renew a hold; False while another holder has it."""
        ...

    def drop_hold(self, name: str, holder: str) -> None:
        """Give a hold back; nothing when it is not this holder's."""
        ...

    def worked_on_elsewhere(self, subject: str, own: str) -> bool:
        """Whether a task of a subject is leased by a worker whose name does not begin with `own`.

        While somebody holds a subject's `holding` name, no task of it can be claimed.
        """
        ...

    def lapsed(self, subject: str) -> list[Lease]:
        """Claims on a subject's tasks whose lease ran out with nobody taking the task over."""
        ...


class PolicyRecords(Protocol):
    """What a project wants of the life of its memories, apart from the defaults."""

    def policy(self, project_id: str) -> dict[str, int]:
        """Values by name; empty when the defaults apply."""
        ...

    def set_policy(self, project_id: str, values: Mapping[str, int]) -> None:
        """Replace a project's values. Raises NotFoundError when there is no such project."""
        ...


def holding(subject: str) -> str:
    """Name of the hold on a subject: its tasks wait while somebody has it."""
    return f"subject:{subject}"
