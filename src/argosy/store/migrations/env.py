"""What Alembic runs: the migrations, in the transaction of whoever calls ``store.upgrade``."""

from alembic import context

from argosy.store.database import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
