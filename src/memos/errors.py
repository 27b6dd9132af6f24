"""The one error tree of MemOS. Adapters translate into it, edges render it, nobody else formats it.

    MemosError
    +-- InvalidInputError            what the caller sent cannot be used
    |   +-- MissingFieldError        a required field is absent or an empty string
    |   +-- EmptyFieldError          a required list or object is empty
    |   +-- TooLongError             an identifier is longer than allowed
    |   +-- TooManyTokensError       the text of one request is over its token limit
    |   +-- InvalidFilterError       a filter is not of the documented form
    |   +-- InvalidThresholdError    relativity is outside 0..1
    |   +-- DocumentError            a file cannot be read as a document
    |       +-- DocumentTooLargeError   it has more bytes, pages or files than are read
    +-- NotFoundError                the thing named does not exist in the caller's scope
    +-- ConflictError                the thing exists already or has moved on
    +-- NotAllowedError              the caller may not do this
    |   +-- AuthenticationError      no key, an unknown key, or a revoked one
    |   +-- LeaseLostError           another worker has taken the task over
    +-- QuotaExceededError           too much in the time window
    +-- UnavailableError             a part is not there now; trying again may help
    |   +-- StoreUnavailableError
    |   +-- ModelUnavailableError
    |       +-- ModelRefusedError    it answers, but not this very request
    |       +-- ModelBudgetError     the project's model budget is used up
    +-- ModelReplyError              a model answered something unusable
    +-- ConfigError                  settings or the data folder cannot be used

Each class carries a stable `code`, the number the Cloud API answers with. A use case that the
documentation gives a code of its own passes `code=`; nothing else may invent numbers.
"""

from typing import ClassVar


class MemosError(Exception):
    """Base of everything MemOS raises on purpose.

    Args:
        message: one sentence for the caller that says what to do; no memory text, no keys.
        code: documented Cloud API code when it differs from the class default.
        field: name of the request field at fault, when there is one.
    """

    default_code: ClassVar[int] = 50000

    def __init__(self, message: str, *, code: int | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = self.default_code if code is None else code
        self.field = field


class InvalidInputError(MemosError):
    """What the caller sent cannot be used."""

    default_code = 40000


class MissingFieldError(InvalidInputError):
    """A required field is absent or an empty string."""

    default_code = 40002


class EmptyFieldError(InvalidInputError):
    """A required list or object is empty."""

    default_code = 40003


class TooLongError(InvalidInputError):
    """An identifier is longer than allowed (40010 for user_id, 40011 for conversation_id)."""

    default_code = 40010


class TooManyTokensError(InvalidInputError):
    """The text of one request is over its token limit."""

    default_code = 40305


class InvalidFilterError(InvalidInputError):
    """A filter is not of the documented form."""


class InvalidThresholdError(InvalidInputError):
    """Relativity is outside 0..1."""

    default_code = 40012


class DocumentError(InvalidInputError):
    """A file cannot be read as a document: encrypted, broken, empty, too large, unknown format."""

    default_code = 50107


class DocumentTooLargeError(DocumentError):
    """A file has more bytes, pages or text than are read, or there are too many files."""


class NotFoundError(MemosError):
    """The thing named does not exist in the caller's scope."""

    default_code = 40001


class ConflictError(MemosError):
    """The thing exists already or has moved on."""

    default_code = 50002


class NotAllowedError(MemosError):
    """The caller may not do this."""

    default_code = 40103


class AuthenticationError(NotAllowedError):
    """No key, an unknown key, or a revoked one."""

    default_code = 40132


class LeaseLostError(NotAllowedError):
    """Another worker has taken the task over; what this one would still write is refused."""


class QuotaExceededError(MemosError):
    """Too much in the time window."""

    default_code = 40309


class UnavailableError(MemosError):
    """A part is not there now; trying again may help."""

    default_code = 50004


class StoreUnavailableError(UnavailableError):
    """A store cannot be read or written now."""


class ModelUnavailableError(UnavailableError):
    """A model cannot be reached now.

    Args:
        message: as `MemosError`.
        code: as `MemosError`.
        retry_after_s: how long to leave it alone, in seconds, when that is known.
    """

    default_code = 50002

    def __init__(
        self, message: str, *, code: int | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.retry_after_s = retry_after_s


class ModelRefusedError(ModelUnavailableError):
    """A model that answers refused this very request (too long, a picture it cannot see, ...)."""


class ModelBudgetError(ModelUnavailableError):
    """The project's budget of model tokens is used up; what can be done without a model is."""

    default_code = 40300


class ModelReplyError(MemosError):
    """A model answered something unusable."""

    default_code = 50002


class ConfigError(MemosError):
    """Settings or the data folder cannot be used."""

    default_code = 50002
