"""Durable steps over rows: PostgreSQL decides, somebody else carries.

The engine knows no step, no provider and no message broker. The registry of step kinds and the bell are handed to
it at start-up. Read in this order: outcomes, registry, progress (from start to end), statements (what decides), hold (who
may write), effects (never twice, never zero), work (one turn of one step), waking (what rings for a step that is due).
"""
