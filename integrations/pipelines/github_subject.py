"""The subject of the OIDC tokens of a repository's runs, which its organisation or the repository can customise.

https://docs.github.com/en/actions/reference/security/oidc#customizing-the-token-claims
"""

from pydantic import BaseModel

from integrations.answers import Items
from integrations.errors import Invalid
from integrations.github_requester import PROVIDER
from integrations.pipelines import Deploying


class SubjectTemplate(BaseModel):
    """`oidc-custom-sub-repo`. What an older GitHub Enterprise Server leaves out means names instead of ids."""

    use_default: bool = True
    include_claim_keys: Items[str] = []
    use_immutable_subject: bool = False
    sub_claim_prefix: str = ""


def subject_of(template: SubjectTemplate, deploying: Deploying, workflow: str, ref: str) -> str:
    """`sub` of a push to this ref. Raises Invalid where it contains what differs from run to run, or what Onramp does not know."""
    workflow_ref = f"{deploying.full_name}/{workflow}@{ref}"
    owner, _, name = deploying.full_name.partition("/")
    claims = {
        "repository": deploying.full_name,
        "repository_id": deploying.repository_id,
        "repository_owner": owner,
        "repository_owner_id": deploying.owner_id,
        "ref": ref,
        "ref_type": "branch",
        "event_name": "push",
        "workflow_ref": workflow_ref,
        "job_workflow_ref": workflow_ref,
    }
    with_ids = f"repo:{owner}@{deploying.owner_id}/{name}@{deploying.repository_id}"
    by_format = with_ids if template.use_immutable_subject else f"repo:{deploying.full_name}"
    parts = {"repo": template.sub_claim_prefix or by_format, "context": f"ref:{ref}"}
    keys = ["repo", "context"] if template.use_default else template.include_claim_keys
    unknown = [key for key in keys if key not in parts and key not in claims]
    if unknown or not keys:
        message = f"the subject of {deploying.full_name}'s tokens contains {', '.join(unknown) or 'nothing'}"
        raise Invalid(PROVIDER, f"{message}, so the cluster cannot know its pipeline by it")
    return ":".join(parts.get(key) or f"{key}:{claims[key].replace(':', '%3A')}" for key in keys)
