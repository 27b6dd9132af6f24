"""The relational schema, in the dialect-free words of SQLAlchemy Core. The migrations build it.

Times are milliseconds since the epoch, UTC. Lists and objects are JSON texts, never engine types,
so that both engines store the same bytes.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

# SQLite gives only INTEGER primary keys the rowid; PostgreSQL needs the wider type.
RowNumber = BigInteger().with_variant(Integer(), "sqlite")

# A constant in the SQL text on purpose: SQLite uses a partial index only for a literal.
is_open = text("status = 'running'")

project = Table(
    "project",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project_id", Text, ForeignKey("project.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Column("expires_at", BigInteger),
    Column("last_used_at", BigInteger),
)

subject = Table(
    "subject",
    metadata,
    Column("number", RowNumber, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("project_id", Text, ForeignKey("project.id"), nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
)

message = Table(
    "message",
    metadata,
    Column("number", RowNumber, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    # NULL marks a husk: what SQLite keeps of an erased row, see care.py.
    Column("subject_number", RowNumber, ForeignKey("subject.number")),
    Column("conversation_id", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("role", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("chat_time", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("name", Text),
    Column("parts", Text),
    Column("tool_calls", Text),
    Column("tool_call_id", Text),
    UniqueConstraint("subject_number", "conversation_id", "sequence"),
)

task = Table(
    "task",
    metadata,
    Column("number", RowNumber, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("project_id", Text, ForeignKey("project.id"), nullable=False),
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("message_ids", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("leased_by", Text),
    Column("leased_until", BigInteger),
    Column("next_attempt_at", BigInteger, nullable=False),
    Index("ix_task_project_id_subject", "project_id", "subject"),
    Index("ix_task_open", "number", sqlite_where=is_open, postgresql_where=is_open),
    Index(
        "ix_task_open_subject", "subject", "number", sqlite_where=is_open, postgresql_where=is_open
    ),
)

usage = Table(
    "usage",
    metadata,
    Column("project_id", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("operation", Text, primary_key=True),
    Column("calls", BigInteger, nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Column("milliseconds", BigInteger, nullable=False),
)

model_usage = Table(
    "model_usage",
    metadata,
    Column("project_id", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("operation", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("calls", BigInteger, nullable=False),
    Column("failures", BigInteger, nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("milliseconds", BigInteger, nullable=False),
)

budget = Table(
    "budget",
    metadata,
    Column("project_id", Text, ForeignKey("project.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("amount", BigInteger, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", RowNumber, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("project_id", Text, nullable=False, index=True),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", Text, nullable=False),
    # Of two rows with one mark only the first is kept.
    Column("mark", Text),
    Index("ix_audit_mark", "mark", unique=True),
)

# What is going to be erased, by ids; the row goes when it is done. See handlers/erasures.py.
erasure = Table(
    "erasure",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project_id", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("begun_at", BigInteger, nullable=False),
)

knowledgebase = Table(
    "knowledgebase",
    metadata,
    Column("number", RowNumber, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

knowledgebase_link = Table(
    "knowledgebase_link",
    metadata,
    Column("project_id", Text, ForeignKey("project.id"), primary_key=True),
    Column("knowledgebase_id", Text, primary_key=True, index=True),
    Column("created_at", BigInteger, nullable=False),
)

# What never changes and holds people's words; what changes is in file_state. A row that grows may
# be moved, and SQLite leaves copies of moved rows behind (care.py).
knowledgebase_file = Table(
    "knowledgebase_file",
    metadata,
    Column("number", RowNumber, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    # NULL marks a husk, as in `message`.
    Column("knowledgebase_id", Text),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("url", Text),
    Column("created_at", BigInteger, nullable=False),
    Index("ix_knowledgebase_file_knowledgebase_id_number", "knowledgebase_id", "number"),
)

file_state = Table(
    "file_state",
    metadata,
    Column("file_id", Text, primary_key=True),
    Column("task_id", Text, nullable=False),
    Column("digest", Text),
    Column("size", BigInteger, nullable=False),
    Column("format", Text, nullable=False),
    Column("progress", Integer, nullable=False),
    Column("pages", Integer),
    Column("twin_of", Text),
    Column("updated_at", BigInteger, nullable=False),
    Index("ix_file_state_digest", "digest"),
)

task_report = Table(
    "task_report",
    metadata,
    Column("task_id", Text, primary_key=True),
    Column("lines", Text, nullable=False),
)

file_reference = Table(
    "file_reference",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("digest", Text, primary_key=True, index=True),
)

# Leases by name: who may do alone what no two processes may do at once, and until when.
hold = Table(
    "hold",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
)

# What a project wants of the life of its memories, apart from the defaults: JSON, names to numbers.
project_policy = Table(
    "project_policy",
    metadata,
    Column("project_id", Text, ForeignKey("project.id"), primary_key=True),
    Column("policy", Text, nullable=False),
)
