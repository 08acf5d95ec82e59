"""At the source host: the pull request, its branch, the webhook."""

from engine.models import Effect
from integrations.errors import Missing
from integrations.source import identity, source
from onboarding.models import EffectKind, Watch
from onboarding.steps.subject import Subject, commits_of
from onboarding.steps.undoing.undoer import Leftover, LeftoverState


class SourceUndoer:
    kinds = (EffectKind.PULL_REQUEST, EffectKind.BRANCH, EffectKind.COMMIT, EffectKind.WEBHOOK)

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.name = subject.name

    def inspect(self, effect: Effect) -> Leftover:
        try:
            self.name = identity.facts_of(self.subject.name, self.subject.repository.external_id).full_name
        except Missing:
            return Leftover(effect, LeftoverState.GONE, "the repository was deleted, or is hidden from Onramp")
        inspect = {
            EffectKind.PULL_REQUEST: self._pull_request,
            EffectKind.BRANCH: self._branch,
            EffectKind.COMMIT: self._commit,
            EffectKind.WEBHOOK: self._webhook,
        }
        return inspect[EffectKind(effect.kind)](effect)

    def undo(self, effect: Effect) -> None:
        name = self.name
        if effect.kind == EffectKind.BRANCH:
            source().delete_branch(name, self.subject.content.branch)
        elif effect.kind == EffectKind.WEBHOOK:
            source().delete_hook(name, str(source().hook(name, _url(effect))))
        elif effect.kind == EffectKind.PULL_REQUEST:
            pull = source().pull_of(name, self.subject.content.branch)
            if pull is not None and pull.open:
                reason = "Closed by Onramp: the onboarding that proposed this was undone."
                source().close_pull(name, pull.number, f"{reason}\n\n{pull.body}")

    def _pull_request(self, effect: Effect) -> Leftover:
        pull = source().pull_of(self.name, self.subject.content.branch)
        if pull is None or (not pull.open and not pull.merged):
            return Leftover(effect, LeftoverState.GONE, "already closed")
        if f"run {self.subject.onboarding.pk}" not in pull.body:
            return Leftover(effect, LeftoverState.KEPT, "somebody else or an earlier run opened it")
        if pull.merged:
            branch = self.subject.content.default_branch
            reason = f"#{pull.number} is merged into {branch}: revert it there to remove its files"
            return Leftover(effect, LeftoverState.KEPT, reason)
        return Leftover(effect, LeftoverState.EXISTS, f"#{pull.number} will be closed with a comment")

    def _branch(self, effect: Effect) -> Leftover:
        commit = source().branch_commit(self.name, self.subject.content.branch)
        if commit is None:
            return Leftover(effect, LeftoverState.GONE, "already deleted")
        if effect.tries == 0:  # it was only ever found
            return Leftover(effect, LeftoverState.KEPT, "it existed before this run")
        if commit not in commits_of(effect.step.run):
            reason = f"somebody pushed to it ({commit[:7]}): deleting it would lose their work"
            return Leftover(effect, LeftoverState.KEPT, reason)
        return Leftover(effect, LeftoverState.EXISTS, "will be deleted")

    def _commit(self, effect: Effect) -> Leftover:
        return Leftover(effect, LeftoverState.KEPT, "the host deletes commits that are on no branch")

    def _webhook(self, effect: Effect) -> Leftover:
        if source().hook(self.name, _url(effect)) is None:
            return Leftover(effect, LeftoverState.GONE, "already deleted")
        if effect.tries == 0:  # it was only ever found
            return Leftover(effect, LeftoverState.KEPT, "it existed before this run")
        if Watch.objects.filter(repository=self.subject.repository).exists():
            return Leftover(effect, LeftoverState.KEPT, "Onramp watches what runs from this repository")
        return Leftover(
            effect, LeftoverState.EXISTS, "will be deleted; Onramp then gets no events from this repository"
        )


def _url(effect: Effect) -> str:
    """The address that the webhook sends to; see `steps.access`."""
    return effect.name.partition(" → ")[2]
