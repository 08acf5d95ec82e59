"""Log lines name the run that this thread executes."""

import io
import logging

import pytest

from engine import execution
from engine.context import Work
from engine.outcomes import Done, Outcome
from portal.logs import Run
from tests.engine.conftest import Diamond

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_log_line_names_its_run(diamond: Diamond) -> None:
    run = diamond.start()
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.addFilter(Run())
    handler.setFormatter(logging.Formatter("run=%(run)s %(message)s"))
    logger = logging.getLogger("a.step")
    logger.addHandler(handler)

    def warn(_: Work) -> Outcome:
        logger.warning("something odd")
        return Done("done")

    diamond.behaviours["first"] = warn
    execution.execute(diamond.next_notified())
    logger.warning("afterwards")
    logger.removeHandler(handler)
    assert output.getvalue() == f"run={run.pk} something odd\nrun=- afterwards\n"
