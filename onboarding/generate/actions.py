"""The actions that generated workflows use, pinned to commits. Taken on 2026-11-23; one table, so that one change updates all."""

PINNED = {
    "actions/checkout": ("08c6903cd8c0fde910a37f88322edcfb5dd907a8", "v5.0.0"),
    "actions/setup-python": ("a26af69be951a213d495a4c3e4e4022e16d87065", "v5.6.0"),
    "actions/setup-node": ("49933ea5288caeca8642d1e84afbd3f7d6820020", "v4.4.0"),
    "docker/setup-buildx-action": ("e468171a9de216ec08956ac3ada2f0791b6bd435", "v3.11.1"),
    "docker/login-action": ("184bdaa0721073962dff0199f1fb9940f07167d1", "v3.5.0"),
    "docker/build-push-action": ("263435318d21b8e681c14492fe198d362a7d2c83", "v6.18.0"),
    "azure/setup-kubectl": ("776406bce94f63e41d621b960d78ee25c8b76ede", "v4.0.1"),
}


def uses(action: str) -> str:
    """`action@commit`. Raises KeyError for one that is not in the table."""
    return f"{action}@{PINNED[action][0]}"


def with_versions(workflow: str) -> str:
    """The workflow's text with the version behind each pinned commit, as a comment that update bots read."""
    for commit, version in PINNED.values():
        workflow = workflow.replace(f"@{commit}\n", f"@{commit} # {version}\n")
    return workflow
