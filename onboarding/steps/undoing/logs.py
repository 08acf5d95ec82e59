"""In the log store: how long the namespace's lines are kept."""

from onboarding.models import Effect
from onboarding.steps.journey import Journey, logs
from onboarding.steps.undoing.leftover import Leftover, Standing, others


class InLogs:
    kinds = ("log retention",)

    def __init__(self, own: Journey) -> None:
        self.own = own

    def look(self, effect: Effect) -> Leftover:
        if not logs().retained(effect.name):
            return Leftover(effect, Standing.GONE, "is taken back already")
        if others(self.own).exists():
            return Leftover(effect, Standing.STAYS, "the team’s applications log there")
        if not effect.reference.get("created"):
            return Leftover(effect, Standing.STAYS, "it was set before this run")
        return Leftover(effect, Standing.THERE, "is taken back; lines that are there stay")

    def take_back(self, effect: Effect) -> None:
        logs().forget_retention(effect.name)
