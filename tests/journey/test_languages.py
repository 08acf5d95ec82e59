"""What is generated runs: a compiled service from its sources to its proof, by its own pipeline and its own image."""

import shutil

from onboarding.models import StepState
from tests.journey.conftest import World
from tests.journey.engine import step


def test_a_go_service_is_built_deployed_and_proved(busy_world: World) -> None:
    """Where the machine has no Go, its pipeline and its image are pretended, and both say so."""
    world = busy_world
    run = world.start("acme/weather-vane")
    world.engine.until(lambda: step(run, "merge").state == StepState.WAITING, "the pull request to be built", 120)
    (pull,) = world.hands.pulls("acme/weather-vane")
    world.hands.merge("acme/weather-vane", pull["number"])
    if shutil.which("go") is None:
        world.engine.until(lambda: step(run, "deploy").state == StepState.DONE, "the pretended deployment", 120)
        said = world.hands.happenings(world.namespace, "weather-vane")
        assert any("Nothing runs here" in one or "pretended" in one for one in said)
        return
    world.engine.until(lambda: step(run, "proof").state == StepState.DONE, "the proof", 180)
    told = step(run, "proof").reason + str(step(run, "proof").links)
    assert "weather-vane" in told
