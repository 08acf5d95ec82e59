"""PostgreSQL below the ORM: prepared statements, SQL files, and the one clock that all processes share.

Knows no table: the app that owns a table owns its statements.
"""
