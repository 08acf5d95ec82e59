"""The pipeline as a GitHub Actions workflow. https://docs.github.com/en/actions/reference/workflow-syntax-for-github-actions

Tests before images before deployment; least permissions per job; no stored secret: the deployment signs in to the
cluster with the run's own OIDC token.
"""

import shlex
from collections.abc import Sequence
from typing import Any

from onboarding.generate.actions import uses, with_versions
from onboarding.generate.files import File, Placement, dumped
from onboarding.stacks import Component
from onboarding.stacks.node import DEFAULT_VERSION as NODE_VERSION
from onboarding.stacks.python import DEFAULT_VERSION as PYTHON_VERSION

PATH = ".github/workflows/onramp.yml"
RUNNER = "ubuntu-24.04"
DEPLOY_JOB_PREFIX = "Deploy "
CHECKOUT: dict[str, Any] = {"uses": uses("actions/checkout"), "with": {"persist-credentials": False}}
HEADER = """\
# Tests, builds and deploys what is in this repository. Proposed by Onramp; it is yours to change.
# Pull requests are tested and built; the default branch is deployed to the team's namespace as well.
"""
CHANGED = """\
if git cat-file -e "${BASE}^{commit}" 2>/dev/null; then
  changed="$(git diff --name-only "${BASE}" HEAD)"
else
  changed="$(git ls-files)"
fi
for entry in ${COMPONENTS}; do
  name="${entry%%=*}"
  folder="${entry#*=}"
  if grep -qE "^(${folder}/|deploy/${name}/|\\.github/workflows/)" <<< "${changed}"; then
    echo "${name}=true" >> "${GITHUB_OUTPUT}"
  else
    echo "${name}=false" >> "${GITHUB_OUTPUT}"
  fi
done
"""
DEPLOY = """\
token="$(curl -sSf -H "Authorization: bearer ${ACTIONS_ID_TOKEN_REQUEST_TOKEN}" "${ACTIONS_ID_TOKEN_REQUEST_URL}&audience=${AUDIENCE}" | jq -r .value)"
echo "::add-mask::${token}"
cluster=(kubectl "--server=${CLUSTER}" "--token=${token}" "--namespace=${NAMESPACE}")
"""
WITH_CA = """\
printf '%s' "${CLUSTER_CA}" > "${RUNNER_TEMP}/cluster-ca.pem"
cluster+=("--certificate-authority=${RUNNER_TEMP}/cluster-ca.pem")
"""
APPLY = """\
sed "s|__IMAGE__|${IMAGE}|" "deploy/${APPLICATION}"/*.yaml | "${cluster[@]}" apply --server-side --field-manager=onramp-pipeline -f -
"${cluster[@]}" rollout status "deployment/${APPLICATION}" --timeout=180s
"""
Job = dict[str, Any]


def workflow(components: Sequence[Component], placement: Placement) -> File:
    """One workflow for all components of the repository."""
    several = len(components) > 1
    jobs: dict[str, Job] = {"changes": _changes(components)} if several else {}
    for one in components:
        jobs[f"test-{one.name}"] = _test(one, several)
        jobs[f"image-{one.name}"] = _image(one, placement)
        jobs[f"deploy-{one.name}"] = _deploy(one, placement)
    branch = placement.default_branch
    document = {
        "name": "onramp",
        "on": {"push": {"branches": [branch]}, "pull_request": {"branches": [branch]}},
        "permissions": {},
        "concurrency": {
            "group": "onramp-${{ github.ref }}",
            "cancel-in-progress": "${{ github.event_name == 'pull_request' }}",
        },
        "jobs": jobs,
    }
    return File(PATH, HEADER + _explained(with_versions(dumped(document))), "tests, builds and deploys every commit")


def _explained(text: str) -> str:
    """What the dumper cannot write: the key `on` without quotes, and why a job may write."""
    text = text.replace("\n'on':\n", "\non:\n", 1)
    text = text.replace("packages: write\n", "packages: write # pushes the image\n")
    return text.replace("id-token: write\n", "id-token: write # signs in to the cluster as this run\n")


def _changes(components: Sequence[Component]) -> Job:
    """Which components a commit touches; the others are left alone."""
    return {
        "name": "Find what changed",
        "runs-on": RUNNER,
        "timeout-minutes": 5,
        "permissions": {"contents": "read"},
        "outputs": {one.name: "${{ steps.changed.outputs." + one.name + " }}" for one in components},
        "steps": [
            {"uses": uses("actions/checkout"), "with": {"persist-credentials": False, "fetch-depth": 0}},
            {
                "id": "changed",
                "name": "Compare with what was there before",
                "env": {
                    "BASE": "${{ github.event.pull_request.base.sha || github.event.before }}",
                    "COMPONENTS": " ".join(f"{one.name}={one.root}" for one in components),
                },
                "run": CHANGED,
            },
        ],
    }


def _test(one: Component, several: bool) -> Job:
    job: Job = {
        "name": f"Test {one.name}",
        "runs-on": RUNNER,
        "timeout-minutes": 15,
        "permissions": {"contents": "read"},
    }
    if several:
        job["needs"] = "changes"
        job["if"] = f"needs.changes.outputs.{one.name} == 'true'"
    if one.root:
        job["defaults"] = {"run": {"working-directory": one.root}}
    job["steps"] = [CHECKOUT, *_tools(one)]
    if one.test:
        job["steps"].append({"name": "Test", "run": shlex.join(one.test)})
    else:
        job["steps"].append({"name": "No tests yet", "run": f"echo '{one.name} has no tests that could be found.'"})
    return job


def _tools(one: Component) -> list[dict[str, Any]]:
    """The language's tools in the repository's version, and its dependencies."""
    if one.family == "python":
        version = (
            {"python-version-file": _join(one.root, one.version_file)}
            if one.version_file
            else {"python-version": one.version or PYTHON_VERSION}
        )
        tools = [{"uses": uses("actions/setup-python"), "with": version}]
        return [*tools, *_install_python(one)]
    if one.family == "node":
        version = (
            {"node-version-file": _join(one.root, one.version_file)}
            if one.version_file
            else {"node-version": one.version or NODE_VERSION}
        )
        tools = [{"uses": uses("actions/setup-node"), "with": version}]
        return [*tools, *([{"name": "Install", "run": "npm ci"}] if one.lock_file == "package-lock.json" else [])]
    return []


def _install_python(one: Component) -> list[dict[str, Any]]:
    if one.package_manager == "pip" and one.has_requirements:
        return [{"name": "Install", "run": "python -m pip install --requirement requirements.txt"}]
    return []


def _image(one: Component, placement: Placement) -> Job:
    context = one.root or "."
    return {
        "name": f"Image {one.name}",
        "needs": f"test-{one.name}",
        "runs-on": RUNNER,
        "timeout-minutes": 20,
        "permissions": {"contents": "read", "packages": "write"},
        "outputs": {"digest": "${{ steps.build.outputs.digest }}"},
        "steps": [
            CHECKOUT,
            {"uses": uses("docker/setup-buildx-action")},
            {
                "if": "github.event_name == 'push'",
                "uses": uses("docker/login-action"),
                "with": {
                    "registry": placement.registry_host,
                    "username": "${{ github.actor }}",
                    "password": "${{ secrets.GITHUB_TOKEN }}",
                },
            },
            {
                "id": "build",
                "uses": uses("docker/build-push-action"),
                "with": {
                    "context": context,
                    "file": one.container_file or _join(one.root, "Dockerfile"),
                    "push": "${{ github.event_name == 'push' }}",
                    "tags": placement.image_of(one.name) + ":${{ github.sha }}",
                },
            },
        ],
    }


def _deploy(one: Component, placement: Placement) -> Job:
    environment = {
        "IMAGE": placement.image_of(one.name) + "@${{ needs.image-" + one.name + ".outputs.digest }}",
        "APPLICATION": one.name,
        "NAMESPACE": placement.namespace,
        "CLUSTER": placement.cluster_url,
        "AUDIENCE": placement.oidc_audience,
    }
    if placement.cluster_ca:
        environment["CLUSTER_CA"] = placement.cluster_ca
    return {
        "name": f"{DEPLOY_JOB_PREFIX}{one.name}",
        "needs": f"image-{one.name}",
        "if": f"github.event_name == 'push' && github.ref == 'refs/heads/{placement.default_branch}'",
        "runs-on": RUNNER,
        "timeout-minutes": 10,
        "permissions": {"contents": "read", "id-token": "write"},
        "steps": [
            CHECKOUT,
            {"uses": uses("azure/setup-kubectl")},
            {
                "name": "Apply the manifests as this run, and wait for the rollout",
                "env": environment,
                "run": DEPLOY + (WITH_CA if placement.cluster_ca else "") + APPLY,
            },
        ],
    }


def _join(root: str, name: str) -> str:
    return f"{root}/{name}" if root else name
