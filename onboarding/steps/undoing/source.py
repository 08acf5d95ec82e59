"""At the source host: the pull request, its branch, the webhook."""

from onboarding.models import Effect, Observation
from onboarding.steps.journey import Journey, commits_of, source
from onboarding.steps.undoing.leftover import Leftover, Standing


class AtSource:
    kinds = ("pull request", "branch", "commit", "webhook")

    def __init__(self, own: Journey) -> None:
        self.own = own

    def look(self, effect: Effect) -> Leftover:
        looks = {"pull request": self._pull, "branch": self._branch, "commit": self._commit, "webhook": self._webhook}
        return looks[effect.kind](effect)

    def take_back(self, effect: Effect) -> None:
        name = self.own.name
        if effect.kind == "branch":
            source().delete_branch(name, self.own.content.branch)
        elif effect.kind == "webhook":
            source().delete_hook(name, str(source().hook(name, self._hears_at(effect))))
        elif effect.kind == "pull request":
            pull = source().pull_of(name, self.own.content.branch)
            if pull is not None and pull.open:
                says = "Closed by Onramp: the onboarding that proposed this was undone."
                source().close_pull(name, pull.number, f"{says}\n\n{pull.body}")

    def _pull(self, effect: Effect) -> Leftover:
        found = source().pull_of(self.own.name, self.own.content.branch)
        if found is None or (not found.open and not found.merged):
            return Leftover(effect, Standing.GONE, "is closed")
        if f"run {self.own.onboarding.pk}" not in found.body:
            return Leftover(effect, Standing.STAYS, "it is not this run’s: somebody else opened it, or an earlier run")
        if found.merged:
            says = f"#{found.number} is merged and a part of {self.own.content.default_branch}: what it brought goes only by a commit of yours"
            return Leftover(effect, Standing.STAYS, says)
        return Leftover(effect, Standing.THERE, f"#{found.number} is closed, with a word why")

    def _branch(self, effect: Effect) -> Leftover:
        found = source().branch_commit(self.own.name, self.own.content.branch)
        if found is None:
            return Leftover(effect, Standing.GONE, "is deleted already")
        if effect.tries == 0:  # it was only ever found
            return Leftover(effect, Standing.STAYS, "it was there before this run")
        if found not in commits_of(effect.step.run):
            says = f"somebody pushed to it ({found[:7]}): deleting it would lose their work"
            return Leftover(effect, Standing.STAYS, says)
        return Leftover(effect, Standing.THERE, "is deleted")

    def _commit(self, effect: Effect) -> Leftover:
        return Leftover(effect, Standing.STAYS, "a commit that no branch holds is forgotten by the host itself")

    def _webhook(self, effect: Effect) -> Leftover:
        if source().hook(self.own.name, self._hears_at(effect)) is None:
            return Leftover(effect, Standing.GONE, "is deleted already")
        if effect.tries == 0:  # it was only ever found
            return Leftover(effect, Standing.STAYS, "it was there before this run")
        if Observation.objects.filter(repository=self.own.repository).exists():
            return Leftover(effect, Standing.STAYS, "Onramp watches what runs of this repository")
        return Leftover(effect, Standing.THERE, "is deleted; Onramp hears no more of this repository")

    def _hears_at(self, effect: Effect) -> str:
        return effect.name.partition(" → ")[2]
