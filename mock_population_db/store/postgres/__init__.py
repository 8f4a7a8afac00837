"""The register on PostgreSQL, through asyncpg (the extra ``postgres``)."""
