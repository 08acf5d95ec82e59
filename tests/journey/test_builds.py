"""Builds, rollouts and verification with a real CI and a real deployment, and the watch that follows."""

import requests

from catalog.models import Application, Axis, Health, Status
from engine.models import Move, RunState, StepState
from onboarding.models import Blocker, Onboarding
from tests.journey.conftest import World
from tests.journey.engine import ALICE_IN_CHAT, blocker_of, step, watch_of


def state(run: Onboarding, name: str) -> str:
    return step(run, name).state


def wait_for(world: World, run: Onboarding, name: str, expected: str, seconds: float = 120) -> None:
    def reached() -> bool:
        row = step(run, name)
        assert row.state != StepState.FAILED or expected == StepState.FAILED, (row.reason, row.detail)
        return row.state == expected

    world.engine.poll_until(reached, f"{name} to be {expected}", seconds)


def fail_build_twice(world: World, run: Onboarding, repository: str, name: str) -> None:
    """Wait until the build has failed, was re-run automatically and has failed again."""

    def rerun() -> bool:
        return "running again" in step(run, name).reason

    world.engine.poll_until(rerun, "the failed jobs to be run again", 120)
    wait_for(world, run, name, StepState.BLOCKED)
    assert world.actors.builds(repository)[0]["run_attempt"] == 2, "one automatic re-run, and no more"


def failing_test(message: str) -> dict[str, str]:
    body = (
        f"import unittest\n\n\nclass Red(unittest.TestCase):\n    def test_it(self):\n        self.fail({message!r})\n"
    )
    return {"tests/test_red.py": body}


GREEN = {
    "tests/test_red.py": "import unittest\n\n\nclass Green(unittest.TestCase):\n    def test_it(self):\n        pass\n"
}


def test_a_failed_build_is_rerun_once_and_then_blocks_until_the_team_fixes_it(busy_world: World) -> None:
    world = busy_world
    name = world.actors.repository("red")
    world.actors.push(name, failing_test("the till is empty"))
    run = world.start(name)
    world.engine.limit_to("build")
    fail_build_twice(world, run, name, "build")
    blocker = blocker_of(run, "build")
    assert (blocker.kind, blocker.owner, blocker.ticket_key) == ("pull-request-red", Move.TEAM, "")
    assert "the till is empty" in run.run.steps.get(name="build").detail, "the last lines of the log"
    assert not world.actors.tickets(name)
    world.engine.poll(2)
    assert state(run, "build") == StepState.BLOCKED
    assert "has not succeeded" in watch_of(blocker).reason
    pushed = world.actors.push(name, GREEN, branch=str(run.plan.content["branch"]))
    wait_for(world, run, "build", StepState.DONE)
    assert f"Somebody pushed {pushed[:7]}" in step(run, "build").reason
    assert world.actors.pulls(name)[0]["head"]["sha"] == pushed, "a person's commit is not replaced"


def status(row: Application, axis: Axis) -> Status:
    return Status.objects.get(application=row, axis=axis)


def test_a_whole_onboarding_is_verified_and_then_watched(busy_world: World) -> None:
    """One world for a failing default branch, a failed verification, the ready message and the watch."""
    world = busy_world
    name = world.actors.repository("quiet")
    run = world.start(name)
    world.engine.limit_to("merge")
    wait_for(world, run, "merge", StepState.WAITING)
    assert step(run, "merge").move == Move.TEAM

    _fail_default_branch(world, run, name)
    _fail_verification(world, run)

    run.run.refresh_from_db()
    assert run.run.state == RunState.DONE
    world.engine.poll(2)
    messages = world.actors.chat_messages(ALICE_IN_CHAT, name)
    assert len(messages) == 5, "the merge, a failed build, a failed verification, the revert, and that it is ready"
    subjects = world.actors.email_subjects("alice@acme.example", name)
    assert len(subjects) == 5
    assert sum("is onboarded" in subject for subject in subjects) == 1

    row = Application.objects.get(repository=run.repository)
    assert row.onboarded_at is not None
    _watch_health(world, row, name)


def _fail_default_branch(world: World, run: Onboarding, name: str) -> None:
    """The merged commit fails: the team must fix its default branch."""
    world.actors.push(name, failing_test("the shelf is bare"))
    world.actors.merge(name, int(world.actors.pulls(name)[0]["number"]))
    world.engine.limit_to("release")
    fail_build_twice(world, run, name, "release")
    blocker = blocker_of(run, "release")
    assert (blocker.kind, blocker.owner, blocker.ticket_key) == ("default-branch-red", Move.TEAM, "")
    assert "the shelf is bare" in run.run.steps.get(name="release").detail
    assert not world.actors.tickets(name)
    world.engine.poll()
    assert state(run, "release") == StepState.BLOCKED
    world.actors.push(name, GREEN)
    world.engine.limit_to("deploy")
    wait_for(world, run, "deploy", StepState.DONE)


def _fail_verification(world: World, run: Onboarding) -> None:
    """The application runs but logs nothing: verification names the missing log line until one arrives."""
    row = Application.objects.get(repository=run.repository)
    world.engine.limit_to("verification")
    world.engine.drain()
    assert state(run, "verification") == StepState.WAITING
    assert "no log line" in step(run, "verification").reason
    _hide_metrics(world, run)
    blocker = blocked_verification(world, run, "verification-failed")
    assert (blocker.kind, blocker.owner, blocker.ticket_key) == ("verification-failed", Move.TEAM, "")
    assert f"{row.name}'s log" in blocker.summary
    world.engine.poll()
    assert state(run, "verification") == StepState.BLOCKED
    repository, workflow = run.repository.full_name, ".github/workflows/onramp.yml"
    text = world.actors.file_text(repository, workflow, "main")
    world.actors.push(repository, {workflow: None}, message="Revert that [skip ci]")
    assert visit(row, "speak") == 200
    world.engine.poll_until(
        lambda: "main no longer contains the pipeline" in step(run, "verification").reason, "the revert to be seen"
    )
    assert step(run, "verification").move == Move.TEAM
    world.actors.push(repository, {workflow: text}, message="Bring it back [skip ci]")
    wait_for(world, run, "verification", StepState.DONE)


def blocked_verification(world: World, run: Onboarding, kind: str) -> Blocker:
    def blocked() -> bool:
        row = step(run, "verification")
        return row.state == StepState.BLOCKED and blocker_of(run, "verification").kind == kind

    world.engine.poll_until(blocked, f"verification to be blocked by {kind}")
    return blocker_of(run, "verification")


def _hide_metrics(world: World, run: Onboarding) -> None:
    """Onramp looks for another label than Prometheus has: that is the platform's to mend, and nobody else's."""
    world.configure(PORTAL_METRICS_PROMETHEUS_NAMESPACE_LABEL="kubernetes_namespace")
    world.engine.age(run, "verification")
    blocker = blocked_verification(world, run, "not-observed")
    assert (blocker.owner, blocker.facts["capability"]) == (Move.PLATFORM, "metrics")
    assert "The cluster measures its pods itself" in blocker.explanation
    assert blocker.ticket_key
    world.configure(PORTAL_METRICS_PROMETHEUS_NAMESPACE_LABEL="namespace")
    world.engine.poll_until(lambda: Blocker.objects.get(pk=blocker.pk).state == "cleared", "the metrics to be seen")


def visit(row: Application, path: str) -> int:
    """GET this path of the application, through the loopback interface."""
    host = row.address.split("/")[2]
    url = f"http://127.0.0.1:{host.rpartition(':')[2]}/{path}"
    return requests.get(url, headers={"Host": host}, timeout=10).status_code


def _watch_health(world: World, row: Application, name: str) -> None:
    world.engine.poll_until(
        lambda: row.statuses.filter(health=Health.GOOD).count() == 3, "all three axes to be good", 30
    )

    world.actors.push(name, failing_test("the door is stuck"))
    world.engine.poll_until(
        lambda: status(row, Axis.BUILD).health == Health.BAD, "the watch to show the failed build", 60
    )
    build = status(row, Axis.BUILD)
    assert "fails in job" in build.cause
    assert f"/{name}/actions/runs/" in build.url
    assert status(row, Axis.RUNTIME).health == Health.GOOD, "a failed build does not affect what runs"

    for _ in range(6):
        if status(row, Axis.RUNTIME).health == Health.BAD:
            break
        visit(row, "die")
        world.engine.poll()
    world.engine.poll_until(lambda: status(row, Axis.RUNTIME).health == Health.BAD, "the watch to show the crash", 30)
    assert status(row, Axis.RUNTIME).cause
    assert status(row, Axis.RUNTIME).url

    world.actors.push(name, GREEN)
    world.engine.poll_until(
        lambda: {status_.health for status_ in row.statuses.all()} == {Health.GOOD}, "everything to be good again", 120
    )
