"""Where the two stores are: files of the data directory, or a PostgreSQL database.

Whoever needs a store asks ``engine_of`` or ``engine_at`` and knows no more of it.
"""
