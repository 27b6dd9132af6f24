"""What models took, and what projects may use.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_COUNTS = ("calls", "failures", "input_tokens", "output_tokens", "milliseconds")


def upgrade() -> None:
    op.create_table(
        "model_usage",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _COUNTS),
        sa.PrimaryKeyConstraint(
            "project_id", "day", "operation", "role", "model", name="pk_model_usage"
        ),
    )
    op.create_table(
        "budget",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_budget_project_id"),
        sa.PrimaryKeyConstraint("project_id", "name", name="pk_budget"),
    )


def downgrade() -> None:
    op.drop_table("budget")
    op.drop_table("model_usage")
