"""What a state is: a claim a statement makes, and what a question asks for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """A state a statement asserts.

    Args:
        subject: whose state: `user`, `user's sister`, or a lower-case name.
        attribute: `home`, `job`, `employer`, `device:phone`, `taste:apple`, ...; see docs/states.md.
        object: the value in canonical form, for comparison and not for display.
        ended: it held once and holds no more, or has just stopped.
        polarity: False for a dislike; always True for other attributes.
    """

    subject: str
    attribute: str
    object: str
    ended: bool = False
    polarity: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """A state a question is about.

    Args:
        subject: as in `Claim`.
        attribute: as in `Claim`; `taste`, `device` or `plan` alone stands for every one of them.
    """

    subject: str
    attribute: str


_MULTIPLE = ("goal", "plan")
DEPENDS_ON = {
    "commute": ("home", "employer"),
    "rent": ("home",),
    "salary": ("employer",),
}
"""States that hold no longer than others: whoever moves has another way to work."""


def is_multiple(attribute: str) -> bool:
    """Whether several values of the attribute can hold at once, so that none closes another."""
    return attribute.partition(":")[0] in _MULTIPLE
