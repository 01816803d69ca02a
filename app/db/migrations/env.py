"""Alembic's entry: runs the revisions on the connection that `app.db.migrate` hands over."""

from alembic import context

from app.db.rule_tables import RuleVersion

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=RuleVersion.metadata, render_as_batch=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
