"""Erasures under way, and audit rows that are written once.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasure"),
    )
    op.add_column("audit", sa.Column("mark", sa.Text()))
    op.create_index("ix_audit_mark", "audit", ["mark"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_audit_mark", "audit")
    op.drop_column("audit", "mark")
    op.drop_table("erasure")
