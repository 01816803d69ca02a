"""Alembic's entry: runs the revisions on the connection that `app.db.migrate` hands over."""

from alembic import context

from app.db import (  # noqa: F401
    capture_tables,
    contest_tables,
    copy_tables,
    event_tables,
    flag_tables,
    gold_tables,
    hook_tables,
    list_tables,
    office_tables,
    people_tables,
    rule_tables,
    submission_tables,
    tip_tables,
)
from app.db.base import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
