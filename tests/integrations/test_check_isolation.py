"""`manage.py check_isolation`, as an administrator runs it against a real API server."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.models import Application, Repository
from integrations import providers
from integrations.cluster import cluster
from tenancy import isolation
from tenancy import namespace as tenant
from tests.conftest import Cast
from tests.integrations import control_plane, target_cluster
from tests.integrations.target_cluster import Api, object_of

ASSETS = "KUBEBUILDER_ASSETS names no folder with etcd and kube-apiserver: the isolation check was not tried"


@dataclass
class World:
    """A cluster with the namespace of a team that runs one application."""

    cast: Cast
    admin: Api
    kubeconfig: Path

    def check(self, *options: str, kubeconfig: Path | None = None) -> str:
        """The output of the command; the error is its last line."""
        output = io.StringIO()
        try:
            call_command(
                "check_isolation",
                *(options or ("storefront",)),
                kubeconfig=kubeconfig or self.kubeconfig,
                stdout=output,
            )
        except CommandError as error:
            output.write(f"{error}\n")
        return output.getvalue()


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    programs = control_plane.programs()
    if programs is None:
        pytest.skip(ASSETS)
    with target_cluster.running(programs, tmp_path_factory.mktemp("cluster")) as plane:
        yield target_cluster.administrator(plane)


@pytest.fixture
def world(cast: Cast, admin: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    variables = {"API_URL": admin.url, "TOKEN": target_cluster.token(admin, "onramp"), "CA_FILE": str(admin.ca_file)}
    for name, value in variables.items():
        monkeypatch.setenv(f"PORTAL_CLUSTER_KUBERNETES_{name}", value)
    monkeypatch.setenv("PORTAL_PIPELINES_GITHUB_ACTIONS_TOKEN", "unused")
    providers.reset()
    kubeconfig = tmp_path / "administrator"
    token = control_plane.TOKENS["platform"]
    kubeconfig.write_text(control_plane.kubeconfig_text(admin.url, admin.ca_file, token))
    cast.storefront.sso_group = "acme:storefront"
    cast.storefront.save()
    repository = Repository.objects.create(
        host="https://source.example",
        owner="acme",
        name="shop",
        default_branch="main",
        external_id="42",
        owner_external_id="1000",
        team=cast.storefront,
    )
    Application.objects.create(
        name="shop",
        repository=repository,
        team=cast.storefront,
        target=cast.target,
        demand={"pods": "3"},
        granted_at=timezone.now(),
    )
    for manifest in tenant.objects(cast.storefront, cast.target, "acme-storefront", None):
        cluster().apply(manifest)
    yield World(cast, admin, kubeconfig)
    providers.reset()


def test_a_namespace_that_onramp_made_is_isolated(world: World) -> None:
    output = world.check()
    assert "As it should be" in output, output
    assert "!" not in output
    deploy, claim = (
        next(line for line in output.splitlines() if line.startswith(name)) for name in ("deploy an", "claim")
    )
    assert deploy.split()[3:] == ["refused", "allowed", "refused", "refused", "refused", "refused"]
    assert set(claim.split()[3:]) == {"refused"}


def test_what_an_operator_opened_is_found(world: World) -> None:
    """Without one binding of a policy, and with one right too many."""
    path = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/onramp-services"
    assert world.admin.send("DELETE", path).ok
    group = "rbac.authorization.k8s.io"
    grant = object_of(
        "RoleBinding", "too-much", "acme-storefront",
        roleRef={"apiGroup": group, "kind": "ClusterRole", "name": "cluster-admin"},
        subjects=[{"apiGroup": group, "kind": "Group", "name": "system:serviceaccounts:acme-storefront"}],
    )  # fmt: skip
    assert world.admin.apply(grant).ok
    try:
        output = _eventually_wrong(world)
    finally:
        target_cluster.prepare(world.admin)
        world.admin.send("DELETE", target_cluster.path_of(grant))
    wrong = {line[:36].strip() for line in output.splitlines() if "!" in line[36:]}
    assert {"take the traffic of an address", "stand for another team's Service", "read Secrets"} <= wrong
    assert "are wrong" in output
    assert (
        "! has rights here and was not let in: system:serviceaccounts:acme-storefront (RoleBinding too-much)" in output
    )


def _eventually_wrong(world: World) -> str:
    """The output once the server has noticed that the binding is gone. A port of the nodes is no sign: the quota refuses it, too."""
    for _ in range(60):
        output = world.check()
        if "stand for another team's Service" in "".join(line for line in output.splitlines() if "!" in line[36:]):
            return output
    raise AssertionError(output)


def test_a_pipeline_that_was_not_let_in_is_found(world: World) -> None:
    """As a binding that an older state of the catalog wrote, or somebody else."""
    Repository.objects.update(team=world.cast.payments)
    output = world.check()
    assert "! has rights here and was not let in: github:1000:42:.github/" in output
    assert "are wrong" in output


def test_an_account_that_may_not_impersonate_checks_nothing(world: World, tmp_path: Path) -> None:
    token = target_cluster.token(world.admin, "onramp")
    theirs = tmp_path / "onramps"
    theirs.write_text(control_plane.kubeconfig_text(world.admin.url, world.admin.ca_file, token))
    output = world.check(kubeconfig=theirs)
    assert "Not checked: system:serviceaccount:onramp-access:onramp cannot impersonate" in output


def test_a_team_without_a_namespace_checks_nothing(world: World) -> None:
    assert "Not checked: The namespace acme-payments does not exist yet" in world.check("payments")


def test_a_name_that_is_not_known_is_explained(world: World) -> None:
    assert "There is no team nobody. manage.py sync_teams imports teams." in world.check("nobody")
    assert "Acme has no target moon/dark. It has: production/local." in world.check("storefront", "--target=moon/dark")


def test_without_an_application_no_pipeline_is_tried(world: World) -> None:
    Application.objects.all().delete()
    output = world.check()
    assert "Not tried as pipeline: the team has none yet." in output
    assert "! has rights here and was not let in: github:1000:42:" in output, "its binding is still there"


def test_every_subject_is_somebody(world: World) -> None:
    identities = isolation.identities(world.cast.storefront, world.cast.target)
    assert len({(each.user, each.group) for each in identities}) == 6
