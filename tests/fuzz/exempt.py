"""Functions that parse text of our own, or of the operator, and why a search needs not reach them."""

from tests.fuzz.parsing_code import Function

OUR_ROWS = "what we stored ourselves"
OPERATOR = "the operator's environment; a mistake in it stops the start with a sentence"
DEMO = "files of the demo's own processes"

EXEMPT: dict[Function, str] = {
    ("engine/context.py", "Work._results"): OUR_ROWS,
    ("events/models.py", "WebhookDelivery.content"): OUR_ROWS,
    ("onboarding/actions/onboardings.py", "_create"): OUR_ROWS,
    ("onboarding/actions/onboardings.py", "_reserve"): OUR_ROWS,
    ("onboarding/actions/onboardings.py", "_verify_agreement"): OUR_ROWS,
    ("catalog/source_teams.py", "_unusable"): "typed answers of the source host, which `answers` breaks",
    ("onboarding/plans/corrections.py", "saved_for"): OUR_ROWS,
    ("onboarding/views/runs.py", "_show_current_plan"): OUR_ROWS,
    ("integrations/address/__init__.py", "_in_numbers"): "the host of an address that the platform chose",
    ("integrations/providers.py", "Capability.build_with"): OPERATOR,
    ("integrations/providers.py", "_unsafe"): OPERATOR,
    ("integrations/providers.py", "is_loopback"): OPERATOR,
    ("portal/environment.py", "Environment._networks"): OPERATOR,
    ("portal/environment.py", "Environment.host"): OPERATOR,
    ("portal/environment.py", "Environment.origin"): OPERATOR,
    ("portal/environment.py", "Environment.path_prefix"): OPERATOR,
    ("portal/environment.py", "Environment.secure"): OPERATOR,
    ("portal/environment.py", "read"): OPERATOR,
    ("portal/production.py", "_access"): OPERATOR,
    ("portal/production.py", "_is_unspecified"): OPERATOR,
    ("portal/embedded/folder.py", "Folder.clear_leftovers"): DEMO,
    ("portal/embedded/folder.py", "Folder.published"): DEMO,
    ("portal/embedded/programs.py", "_postgres_at"): DEMO,
    ("portal/management/commands/seed_demo.py", "Command.handle"): DEMO,
    (
        "portal/web_worker.py",
        "Connection._is_complete",
    ): "bytes on a socket before Django; tests/deploy/test_slow_senders.py",
}
