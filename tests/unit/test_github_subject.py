"""The subject of a repository's OIDC tokens, by what GitHub says of it."""

import pytest

from integrations.answers import parse
from integrations.errors import Invalid
from integrations.pipelines import Deploying
from integrations.pipelines.github_subject import SubjectTemplate, subject_of

SHOP = Deploying("77", "1000", "acme/shop", "main")
PATH = ".github/workflows/onramp.yml"
IDS = "repo:acme@1000/shop@77"


def subject(answer: dict[str, object]) -> str:
    return subject_of(parse("github", SubjectTemplate, answer), SHOP, PATH, "refs/heads/main")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"use_default": True}, "repo:acme/shop:ref:refs/heads/main"),
        ({"use_default": True, "use_immutable_subject": True}, f"{IDS}:ref:refs/heads/main"),
        ({"use_default": True, "sub_claim_prefix": IDS}, f"{IDS}:ref:refs/heads/main"),
        ({"use_default": True, "include_claim_keys": ["actor"]}, "repo:acme/shop:ref:refs/heads/main"),
        (
            {"use_default": False, "include_claim_keys": ["repo", "context", "job_workflow_ref"]},
            f"repo:acme/shop:ref:refs/heads/main:job_workflow_ref:acme/shop/{PATH}@refs/heads/main",
        ),
        (
            {"use_default": False, "include_claim_keys": ["repository_owner_id", "repository_id", "ref"]},
            "repository_owner_id:1000:repository_id:77:ref:refs/heads/main",
        ),
    ],
    ids=["names", "ids", "as GitHub says", "an ignored template", "with the workflow", "without the name"],
)
def test_the_subject_is_what_is_really_sent(answer: dict[str, object], expected: str) -> None:
    assert subject(answer) == expected


@pytest.mark.parametrize(
    ("keys", "named"), [(["repo", "actor"], "actor"), (["sha"], "sha"), (["repo", "cost_centre"], "cost_centre")]
)
def test_what_differs_from_run_to_run_cannot_be_bound(keys: list[str], named: str) -> None:
    with pytest.raises(Invalid, match=f"acme/shop's tokens contains {named}"):
        subject({"use_default": False, "include_claim_keys": keys})


def test_an_empty_template_is_no_name() -> None:
    with pytest.raises(Invalid, match="contains nothing"):
        subject({"use_default": False, "include_claim_keys": []})
