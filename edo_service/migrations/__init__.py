"""Schema changes (alembic). `edo_service.kernel.schema` runs them; nobody imports them."""
