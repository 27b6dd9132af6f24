"""The one table of the API's errors: code, HTTP status, meaning. Every error answer comes from it.

Business errors answer HTTP 200 with `code != 0`, because the documented clients show the code only
then; authentication answers 401 (never 403, which clients take for a wrong key); a failure of ours
answers 500. `data` is the endpoint's empty shape, so that strict clients can read the answer.
"""

from dataclasses import dataclass

from memos.errors import MemosError


@dataclass(frozen=True, slots=True)
class Row:
    """One documented error.

    Args:
        meaning: what went wrong.
        remedy: what the caller can do.
        status: HTTP status of the answer.
    """

    meaning: str
    remedy: str
    status: int = 200


TABLE: dict[int, Row] = {
    40000: Row("The request is not of the documented form", "Check names, types and structure"),
    40001: Row("The data asked for does not exist", "Check the id"),
    40002: Row("A required field is missing or empty", "Send the field named in the message"),
    40003: Row("A required list or object is empty", "Put at least one element into it"),
    40006: Row("The value of type is not supported", "Use document or skill"),
    40007: Row("The file type is not supported", "Upload one of the documented formats"),
    40008: Row("The Base64 text holds illegal characters", "Encode the file again"),
    40009: Row("The Base64 text is malformed", "Check prefix and padding"),
    40010: Row("user_id is longer than 100 characters", "Use a short id"),
    40011: Row("conversation_id is longer than 100 characters", "Use a short id"),
    40012: Row("relativity is outside 0..1", "Send a number from 0 to 1"),
    40013: Row("The messages of one request are too long together", "Split them"),
    40020: Row("The project id is malformed", "Check the project id"),
    40100: Row("No API key was sent", "Send `Authorization: Token <key>`", 401),
    40103: Row("The API key may not use this project", "Use a key of the project", 401),
    40130: Row("The Authorization header has no Token prefix", "Send `Token <key>`", 401),
    40132: Row("The API key is unknown, revoked or expired", "Use a live key", 401),
    40300: Row("The request quota is used up", "Wait, or raise the quota"),
    40301: Row("The chat quota is used up", "Shorten the input or raise the quota"),
    40302: Row("The chat answer is over its quota", "Ask for a shorter answer"),
    40303: Row("The chat is longer than the model takes", "Shorten input or output"),
    40304: Row("The total call quota is used up", "Raise the quota"),
    40305: Row("The input is over the token limit of one request", "Shorten or split it"),
    40306: Row("The memory may not be deleted with this key", "Use a key of its project"),
    40307: Row("A memory to delete does not exist", "Take ids from search or get"),
    40308: Row("The user to delete does not exist", "Check user_id"),
    40309: Row("Too many tokens within a minute", "Slow down and retry"),
    50000: Row("An unexpected failure of the server", "Retry; then report it", 500),
    50002: Row("The operation failed", "Read the message; retry later"),
    50004: Row("The memory store is not available now", "Retry later"),
    50005: Row("Search is not available now", "Retry later"),
    50103: Row("Too many files in one upload", "Upload at most 20 at once"),
    50104: Row("A file is too large", "Upload at most 100 MB a file"),
    50105: Row("The upload is too large", "Upload at most 300 MB at once"),
    50107: Row("The file's format is invalid", "Check the file"),
    50120: Row("The knowledge base does not exist", "Check knowledgebase_id"),
    50123: Row("The knowledge base is not linked to the project", "Link it, or leave it out"),
    50131: Row("The task does not exist", "Take task_id from the answer of the add"),
    50143: Row("The memory could not be saved", "Retry later"),
    50144: Row("The messages could not be saved", "Retry later"),
    50145: Row("The feedback could not be saved", "Retry later"),
}

_UNEXPECTED = 50000
_TOO_LONG = frozenset({40303, 40305})


def status_of(error: MemosError) -> int:
    """HTTP status of an error's answer."""
    row = TABLE.get(error.code)
    return row.status if row else 200


def streaming_status_of(error: MemosError) -> int:
    """HTTP status of an error's answer to a request for a stream: 400 or more, whatever it is."""
    status = status_of(error)
    if status >= 400:
        return status
    if 40300 <= error.code < 40400 and error.code not in _TOO_LONG:
        return 429
    return 424 if error.code >= 50000 else 400


def unexpected() -> tuple[int, int, str]:
    """Code, HTTP status and message for an error nobody foresaw. Its text is never sent."""
    row = TABLE[_UNEXPECTED]
    return _UNEXPECTED, row.status, "Something unexpected failed; the server's log has the place."
