"""`manage.py show_run`: what an operator reads of a run."""

import io

import pytest
from django.core.management import CommandError, call_command

from engine import execution
from engine.context import Work
from engine.effects import Made
from engine.models import Run
from engine.outcomes import Done, Outcome, Wait
from tests.engine.conftest import Diamond

pytestmark = pytest.mark.django_db(transaction=True)


def shown(prefix: str, *options: str) -> list[str]:
    out = io.StringIO()
    call_command("show_run", prefix, *options, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def run(diamond: Diamond) -> Run:
    """Its first step has made a branch, and waits."""

    def first(work: Work) -> Outcome:
        work.log("looking at the repository")
        work.ensure("branch", "onramp/setup", create=lambda: Made({"sha": "c0ffee"}, "https://git.example/c0ffee"))
        return Wait("Waiting for a build", seconds=60)

    diamond.behaviours["first"] = first
    run = diamond.start(topic="acme/shop")
    execution.execute(diamond.next_notified())
    return run


def test_each_step_and_effect_has_a_line(run: Run) -> None:
    lines = shown(str(run.pk))
    assert lines[0].startswith(f"diamond {run.pk}: active, created 20")
    assert lines[0].endswith(", topic acme/shop")
    due = run.steps.get(name="first").due_at
    assert lines[1] == f"  first: waiting (attempt 1, epoch 1, due {due:%H:%M:%S}) Waiting for a build"
    assert lines[2] == '    branch onramp/setup: made {"sha": "c0ffee"}'
    assert lines[3] == "  left: not_started (attempt 0, epoch 0) "
    assert len(lines) == 1 + 4 + 1


def test_logs_are_shown_on_request(diamond: Diamond, run: Run) -> None:
    lines = shown(str(run.pk), "--logs")
    number = [line.rstrip() for line in lines].index("    attempt 1:")
    assert lines[number + 1].endswith(" looking at the repository")


def test_a_run_without_a_topic(diamond: Diamond) -> None:
    diamond.behaviours["first"] = lambda _: Done("done")
    assert shown(str(diamond.start().pk))[0].endswith(", topic -")


def test_the_first_characters_suffice_where_they_name_one_run(diamond: Diamond, run: Run) -> None:
    assert shown(str(run.pk)[:13]) == shown(str(run.pk))
    diamond.start()
    with pytest.raises(CommandError, match=r"^Several runs start with ''\.$"):
        shown("")
    with pytest.raises(CommandError, match=r"^No run starts with 'zzz'\.$"):
        shown("zzz")
