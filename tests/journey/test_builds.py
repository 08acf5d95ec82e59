"""What lies with builds, rollouts and proofs: a real CI, a real deployment, and the watch that follows."""

import requests

from catalog.models import Application, Axis, Health, Status
from onboarding.models import Move, Onboarding, RunState, StepState
from tests.journey.conftest import World
from tests.journey.engine import ALICE_IN_CHAT, blocker_of, step, watch_of


def state(run: Onboarding, name: str) -> str:
    return step(run, name).state


def wait_for(world: World, run: Onboarding, name: str, wanted: str, seconds: float = 120) -> None:
    def reached() -> bool:
        found = step(run, name)
        assert found.state != StepState.FAILED or wanted == StepState.FAILED, (found.reason, found.detail)
        return found.state == wanted

    world.engine.until(reached, f"{name} to be {wanted}", seconds)


def break_twice(world: World, run: Onboarding, repository: str, name: str) -> None:
    """The build breaks, and once more when it is run again by itself."""

    def asked_again() -> bool:
        return "run once more" in step(run, name).reason

    world.engine.until(asked_again, "the failed jobs to be run again", 120)
    wait_for(world, run, name, StepState.BLOCKED)
    assert world.hands.builds(repository)[0]["run_attempt"] == 2, "once more by itself, and no more often"


def failing_test(words: str) -> dict[str, str]:
    body = f"import unittest\n\n\nclass Red(unittest.TestCase):\n    def test_it(self):\n        self.fail({words!r})\n"
    return {"tests/test_red.py": body}


GREEN = {
    "tests/test_red.py": "import unittest\n\n\nclass Green(unittest.TestCase):\n    def test_it(self):\n        pass\n"
}


def test_a_red_pull_request_is_run_again_once_and_is_then_the_teams(busy_world: World) -> None:
    world = busy_world
    name = world.hands.repository("red")
    world.hands.push(name, failing_test("the till is empty"))
    run = world.start(name)
    world.engine.only("build")
    break_twice(world, run, name, "build")
    cause = blocker_of(run, "build")
    assert (cause.kind, cause.owner, cause.ticket_key) == ("pull-request-red", Move.TEAM, "")
    assert "the till is empty" in cause.explanation, "the log's last words"
    assert not world.hands.tickets(name)
    world.engine.look(2)
    assert state(run, "build") == StepState.BLOCKED
    assert "not green" in watch_of(cause).reason
    pushed = world.hands.push(name, GREEN, branch=str(run.plan.content["branch"]))
    wait_for(world, run, "build", StepState.DONE)
    assert f"Somebody pushed {pushed[:7]}" in step(run, "build").reason
    assert world.hands.pulls(name)[0]["head"]["sha"] == pushed, "what people pushed is left as it is"


def axis(row: Application, name: Axis) -> Status:
    return Status.objects.get(application=row, axis=name)


def test_a_whole_onboarding_and_what_becomes_of_it(busy_world: World) -> None:
    """From a red default branch over a missing proof to "ready", and then the watch over it: one world for all."""
    world = busy_world
    name = world.hands.repository("quiet")
    run = world.start(name)
    world.engine.only("merge")
    wait_for(world, run, "merge", StepState.WAITING)
    assert step(run, "merge").move == Move.TEAM

    _red_default_branch(world, run, name)
    _missing_proof(world, run)

    run.run.refresh_from_db()
    assert run.run.state == RunState.DONE
    world.engine.look(2)
    assert len(world.hands.chats(ALICE_IN_CHAT, name)) == 2, "one for the move, one when ready"
    letters = world.hands.letters("alice@acme.example", name)
    assert len(letters) == 2
    assert sum("is onboarded" in one for one in letters) == 1

    row = Application.objects.get(repository=run.repository)
    assert row.onboarded_at is not None
    _watched(world, row, name)


def _red_default_branch(world: World, run: Onboarding, name: str) -> None:
    """The merge brings what breaks: the default branch is the team's to mend."""
    world.hands.push(name, failing_test("the shelf is bare"))
    world.hands.merge(name, int(world.hands.pulls(name)[0]["number"]))
    world.engine.only("release")
    break_twice(world, run, name, "release")
    cause = blocker_of(run, "release")
    assert (cause.kind, cause.owner, cause.ticket_key) == ("default-branch-red", Move.TEAM, "")
    assert "the shelf is bare" in cause.explanation
    assert not world.hands.tickets(name)
    world.engine.look()
    assert state(run, "release") == StepState.BLOCKED
    world.hands.push(name, GREEN)
    world.engine.only("deploy")
    wait_for(world, run, "deploy", StepState.DONE)


def _missing_proof(world: World, run: Onboarding) -> None:
    """It runs and says nothing: the log line is missing, by name, until it speaks."""
    row = Application.objects.get(repository=run.repository)
    world.engine.only("proof")
    world.engine.go()
    assert state(run, "proof") == StepState.WAITING
    assert "no log line" in step(run, "proof").reason
    world.engine.age(run, "proof")
    world.engine.until(lambda: step(run, "proof").blocker is not None, "the missing proof to be named")
    cause = blocker_of(run, "proof")
    assert (cause.kind, cause.owner, cause.ticket_key) == ("proof-missing", Move.TEAM, "")
    assert f"{row.name}'s log" in cause.summary
    world.engine.look()
    assert state(run, "proof") == StepState.BLOCKED
    assert visit(row, "speak") == 200
    wait_for(world, run, "proof", StepState.DONE)


def visit(row: Application, path: str) -> int:
    """A GET at the application's address; names below .localhost are the loopback."""
    host = row.address.split("/")[2]
    url = f"http://127.0.0.1:{host.rpartition(':')[2]}/{path}"
    return requests.get(url, headers={"Host": host}, timeout=10).status_code


def _watched(world: World, row: Application, name: str) -> None:
    world.engine.until(lambda: row.statuses.filter(health=Health.GOOD).count() == 3, "all three axes to be good", 30)

    world.hands.push(name, failing_test("the door is stuck"))
    world.engine.until(lambda: axis(row, Axis.BUILD).health == Health.BAD, "the broken build to show", 60)
    build = axis(row, Axis.BUILD)
    assert "fails in job" in build.cause
    assert f"/{name}/actions/runs/" in build.url
    assert axis(row, Axis.RUNTIME).health == Health.GOOD, "what runs is not broken by a build"

    for _ in range(6):
        if axis(row, Axis.RUNTIME).health == Health.BAD:
            break
        visit(row, "die")
        world.engine.look()
    world.engine.until(lambda: axis(row, Axis.RUNTIME).health == Health.BAD, "the crash to show", 30)
    assert axis(row, Axis.RUNTIME).cause
    assert axis(row, Axis.RUNTIME).url

    world.hands.push(name, GREEN)
    world.engine.until(
        lambda: {one.health for one in row.statuses.all()} == {Health.GOOD}, "everything to be good again", 120
    )
