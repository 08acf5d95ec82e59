"""A schedule as a readable table."""

from tests.explore.schedule import Explored

WIDTH = 58


def table(explored: Explored) -> str:
    """One line per decision: who, before what, and what happened there. Lines without a point say what followed."""
    lines = [f"setup: {explored.script.setup}", f"{'':>4}  {'who':<4} {'before':<{WIDTH}} what"]
    for number, row in enumerate(explored.rows):
        lines.append(f"{number:>4}  {row.actor:<4} {row.point:<{WIDTH}} {row.what}".rstrip())
    return "\n".join([*lines, "", *(f"violated: {violation}" for violation in explored.violations)])
