"""A compiled service is built by its generated pipeline, deployed from its generated image and verified."""

import shutil

from engine.models import StepState
from tests.journey.conftest import World
from tests.journey.engine import step


def test_a_go_service_is_built_deployed_and_verified(busy_world: World) -> None:
    """Where the machine has no Go, its pipeline and its image are simulated, and the cluster's events say so."""
    world = busy_world
    run = world.start("acme/weather-vane")
    world.engine.poll_until(lambda: step(run, "merge").state == StepState.WAITING, "the pull request to be built", 120)
    (pull,) = world.actors.pulls("acme/weather-vane")
    world.actors.merge("acme/weather-vane", pull["number"])
    if shutil.which("go") is None:
        world.engine.poll_until(lambda: step(run, "deploy").state == StepState.DONE, "the simulated deployment", 120)
        events = world.actors.cluster_events(world.namespace, "weather-vane")
        assert any("Nothing runs here" in event or "simulated" in event for event in events)
        return
    world.engine.poll_until(
        lambda: step(run, "verification").state == StepState.DONE, "the service to be verified", 180
    )
    verification = step(run, "verification")
    assert "weather-vane" in verification.reason + str(verification.links)
