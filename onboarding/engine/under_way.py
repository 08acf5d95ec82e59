"""Which run's turn this thread is giving, for whoever writes a line about it. Knows no model: logging starts before them."""

from contextvars import ContextVar

RUN: ContextVar[str] = ContextVar("run", default="-")
