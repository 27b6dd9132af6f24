"""Knowledge bases, their links to projects, their files, and who needs which stored content.

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_knowledgebase()
    _create_knowledgebase_link()
    _create_knowledgebase_file()
    _create_file_state()
    _create_file_reference()


def _row_number() -> sa.Column[int]:
    return sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def _create_knowledgebase() -> None:
    op.create_table(
        "knowledgebase",
        _row_number(),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_knowledgebase"),
        sa.UniqueConstraint("id", name="uq_knowledgebase_id"),
    )


def _create_knowledgebase_link() -> None:
    op.create_table(
        "knowledgebase_link",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("knowledgebase_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_knowledgebase_link_project_id"
        ),
        sa.PrimaryKeyConstraint("project_id", "knowledgebase_id", name="pk_knowledgebase_link"),
    )
    op.create_index(
        "ix_knowledgebase_link_knowledgebase_id", "knowledgebase_link", ["knowledgebase_id"]
    )


def _create_knowledgebase_file() -> None:
    op.create_table(
        "knowledgebase_file",
        _row_number(),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("knowledgebase_id", sa.Text()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_knowledgebase_file"),
        sa.UniqueConstraint("id", name="uq_knowledgebase_file_id"),
    )
    op.create_index(
        "ix_knowledgebase_file_knowledgebase_id_number",
        "knowledgebase_file",
        ["knowledgebase_id", "number"],
    )


def _create_file_state() -> None:
    op.create_table(
        "file_state",
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text()),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer()),
        sa.Column("twin_of", sa.Text()),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", name="pk_file_state"),
    )
    op.create_index("ix_file_state_digest", "file_state", ["digest"])


def _create_file_reference() -> None:
    op.create_table(
        "file_reference",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "digest", name="pk_file_reference"),
    )
    op.create_index("ix_file_reference_digest", "file_reference", ["digest"])
