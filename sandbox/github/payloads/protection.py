"""Branch protection, in its classic form and in the form of ruleset rules."""

from sandbox.github.formats import repository_api
from sandbox.github.models import BranchProtection, Repository
from sandbox.github.payloads import JSON


def protection(repository: Repository, rule: BranchProtection) -> JSON:
    """`protected-branch`."""
    url = repository_api(repository, "branches", rule.pattern, "protection")
    payload: JSON = {
        "url": url,
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": rule.enforce_admins},
    }
    if rule.requires_pull_request:
        payload["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews",
            "dismiss_stale_reviews": False,
            "require_code_owner_reviews": False,
            "required_approving_review_count": rule.required_reviews,
        }
    return payload


def summary(rule: BranchProtection | None) -> JSON:
    """What everybody who can push sees of it with a branch."""
    checks = rule.required_checks if rule else []
    level = "off"
    if rule is not None and checks:
        level = "everyone" if rule.enforce_admins else "non_admins"
    return {
        "enabled": rule is not None,
        "required_status_checks": {
            "enforcement_level": level,
            "contexts": checks,
            "checks": [{"context": name, "app_id": None} for name in checks],
        },
    }


def rules(repository: Repository, rule: BranchProtection) -> list[JSON]:
    """`repository-rule-detailed`, one for each requirement of the branch protection."""
    details: list[JSON] = []
    if rule.requires_pull_request:
        parameters: JSON = {
            "required_approving_review_count": rule.required_reviews,
            "dismiss_stale_reviews_on_push": False,
            "require_code_owner_review": False,
            "require_last_push_approval": False,
            "required_review_thread_resolution": False,
        }
        details.append({"type": "pull_request", "parameters": parameters})
    if rule.required_checks:
        checks = [{"context": name} for name in rule.required_checks]
        parameters = {"required_status_checks": checks, "strict_required_status_checks_policy": False}
        details.append({"type": "required_status_checks", "parameters": parameters})
    if rule.rules.get("block_creations"):
        details.append({"type": "creation"})
    if rule.rules.get("restrictions") is not None:
        details.append({"type": "update"})
    source = {"ruleset_source_type": "Repository", "ruleset_source": repository.full_name, "ruleset_id": rule.pk}
    return [detail | source for detail in details]
