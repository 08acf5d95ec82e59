"""Whether a team's namespace is isolated: everybody who could try tries everything, and the cluster answers.

An administrator acts for each subject. All attempts are access reviews and dry runs, so nothing is changed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalog.models import Application, Target, Team
from integrations.cluster import Administrator, cluster_reader
from tenancy.isolation_actions import Action, Subject, actions
from tenancy.namespace import deployer, deployers, owner_of


class CannotCheck(Exception):
    """The check would say nothing; the message says why and what to do."""


@dataclass(frozen=True)
class Identity:
    """Whom the cluster would see."""

    subject: Subject
    user: str
    group: str = ""


@dataclass(frozen=True)
class Row:
    """One action: by subject, whether the cluster allows it."""

    action: Action
    allowed: dict[Subject, bool]

    @property
    def wrong(self) -> list[Subject]:
        """Whom the cluster allows what must be refused, or the reverse."""
        return [subject for subject, allowed in self.allowed.items() if allowed != (subject in self.action.allowed)]


def check(administrator: Administrator, team: Team, target: Target) -> list[Row]:
    """One row per action. Raises CannotCheck and IntegrationError."""
    namespace = target.namespace_of(team)
    _require_namespace(administrator, team, namespace)
    _require_impersonation(administrator)
    views = {each.subject: administrator.impersonating(each.user, each.group) for each in identities(team, target)}
    return [
        Row(action, {subject: action.attempt(view) for subject, view in views.items()})
        for action in actions(team, target, namespace)
    ]


def identities(team: Team, target: Target) -> list[Identity]:
    """Those who exist: no pipeline before the first application, and no team's group where the catalog has none."""
    namespace = target.namespace_of(team)
    return [
        *([Identity(Subject.TEAM, "isolation-check", team.sso_group)] if team.sso_group else []),
        *_pipelines(team, target),
        Identity(Subject.POD, f"system:serviceaccount:{namespace}:default"),
        Identity(Subject.STRANGER, "isolation-check"),
        Identity(Subject.ONRAMP, cluster_reader().user()),
    ]


def intruders(administrator: Administrator, team: Team, target: Target) -> list[str]:
    """“NAME (RoleBinding BINDING)” of everybody with rights in the namespace who was not let in: no attempt is made as them."""
    expected = {*deployers(team, target), *([team.sso_group] if team.sso_group else [])}
    return [
        f"{subject['name']} (RoleBinding {binding['metadata']['name']})"
        for binding in administrator.list("RoleBinding", target.namespace_of(team))
        for subject in binding.get("subjects") or []
        if subject["name"] not in expected
    ]


def missing(rows: Sequence[Row]) -> list[Subject]:
    """The subjects that nothing was tried as."""
    return [subject for subject in Subject if rows and subject not in rows[0].allowed]


def _pipelines(team: Team, target: Target) -> Iterator[Identity]:
    held = Application.objects.held(team, target).filter(repository__team=team)
    row = held.select_related("repository").order_by("pk").first()
    if row is not None:
        repository = row.repository
        yield Identity(Subject.PIPELINE, deployer(repository, repository.default_branch))
        yield Identity(Subject.OTHER_BRANCH, deployer(repository, f"not-{repository.default_branch}"))


def _require_namespace(administrator: Administrator, team: Team, namespace: str) -> None:
    manifest = administrator.get("Namespace", None, namespace)
    if manifest is None:
        raise CannotCheck(
            f"The namespace {namespace} does not exist yet. Check again after the team's first onboarding."
        )
    if owner_of(manifest) != team.key:
        raise CannotCheck(f"The namespace {namespace} is not labelled with {team.key}, so no policy holds in it.")


def _require_impersonation(administrator: Administrator) -> None:
    """Otherwise every attempt would be refused, and all would look well."""
    if not all(administrator.may("impersonate", kind, None) for kind in ("User", "Group", "ServiceAccount")):
        raise CannotCheck(
            f"{administrator.user()} cannot impersonate users, groups and service accounts in this cluster. Use the "
            "kubeconfig of an administrator; Onramp's own account must not have this right."
        )
