"""Messages as they may be read: secrets masked, spans as they were."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from memos.errors import InvalidInputError
from memos.mem_scheduler.ingest import IngestRecords
from memos.records.base import NewMessage, NewTask
from memos.types.message import Message
from memos.types.scope import Cube
from memos.types.secret import (
    SecretPolicy,
    concealed,
    find_secrets,
    masked,
    masked_json,
    masked_part,
)


class ConcealedMessages:
    """The messages of the records, with their secrets masked by policy.

    Args:
        records: where the messages are.
        policy: what is done with secrets.
    """

    def __init__(self, records: IngestRecords, policy: SecretPolicy) -> None:
        self._records = records
        self._policy = policy

    def accept(
        self, cube: Cube, conversation_id: str, messages: Sequence[NewMessage], task: NewTask
    ) -> list[Message]:
        """Store messages as they are; what is returned is masked."""
        return self._all(self._records.accept(cube, conversation_id, messages, task))

    def messages(self, cube: Cube, ids: Sequence[str]) -> list[Message]:
        """Messages of a subject by id, in sequence order; unknown ids are left out."""
        return self._all(self._records.messages(cube, ids))

    def holds(self, cube: Cube, ids: Sequence[str]) -> bool:
        """Whether every one of these messages of a subject is there."""
        return self._records.holds(cube, ids)

    def recent_messages(
        self, cube: Cube, conversation_id: str, limit: int, *, before_sequence: int | None = None
    ) -> list[Message]:
        """The last `limit` messages of a conversation (before a sequence), oldest first."""
        return self._all(
            self._records.recent_messages(
                cube, conversation_id, limit, before_sequence=before_sequence
            )
        )

    def redact(
        self,
        cube: Cube,
        spans: Sequence[tuple[str, int | None, int | None]],
        parts: Collection[str] = (),
    ) -> int:
        """Blank spans of the stored messages, and drop parts."""
        return self._records.redact(cube, spans, parts)

    def subject_exists(self, cube: Cube) -> bool:
        """Whether anything was ever added for a subject."""
        return self._records.subject_exists(cube)

    def erase_subject(self, cube: Cube) -> dict[str, int]:
        """Erase everything of a subject; rows removed by table."""
        return self._records.erase_subject(cube)

    def subscribe(self, wake: Callable[[], None]) -> None:
        """Call `wake` when a task was queued."""
        self._records.subscribe(wake)

    def linked_projects(self, knowledgebase_id: str) -> list[str]:
        """Ids of the projects that may use a knowledge base."""
        return self._records.linked_projects(knowledgebase_id)

    def _all(self, messages: Sequence[Message]) -> list[Message]:
        return [concealed(message, self._policy) for message in messages]


def refuse_secrets(texts: Sequence[str], policy: SecretPolicy) -> None:
    """Refuse texts that hold a secret, when the policy is to refuse them.

    Raises:
        InvalidInputError: one does; the message names the kind of the secret, not the secret.
    """
    if policy is not SecretPolicy.REFUSE:
        return
    for place, text in enumerate(texts):
        found = find_secrets(text)
        if found:
            raise InvalidInputError(
                f"message {place} holds what looks like a {found[0].kind}; leave it out, or set "
                "MEMOS_SECRETS to redact",
                field="messages",
            )


def without_secrets(message: NewMessage, policy: SecretPolicy) -> NewMessage:
    """A message as it may be stored."""
    if policy is not SecretPolicy.REDACT_MESSAGES:
        return message
    return replace(
        message,
        text=masked(message.text),
        parts=tuple(masked_part(part) for part in message.parts),
        tool_calls=tuple(masked_json(call) for call in message.tool_calls),
    )
