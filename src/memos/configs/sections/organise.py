"""What becomes of what is read."""

from pydantic import BaseModel

from memos.configs.sections.setting import setting
from memos.types.secret import SecretPolicy


class OrganiseSettings(BaseModel):
    """How memories are made."""

    secrets: SecretPolicy = setting(
        SecretPolicy.REDACT,
        "Passwords, keys, card and identity numbers: `redact` keeps them out of memories and the"
        " index, `redact_messages` out of stored messages as well, `refuse` refuses the add, `keep`"
        " remembers them.",
        "Memory",
    )
