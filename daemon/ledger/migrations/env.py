"""How Alembic reaches the ledger: through the connection it is handed, in the transaction already begun."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
