"""What generated pipelines download, pinned; one table, so that one change updates all.

The commits were looked up on 2026-11-23 and 2026-11-27 in public workflows that pin them under these versions; the versions of
package managers are those on PyPI and npm of that day.
"""

PINNED = {
    "actions/checkout": ("8e8c483db84b4bee98b60c0593521ed34d9990e8", "v6.0.1"),
    "actions/setup-python": ("a309ff8b426b58ec0e2a45f0f869d46889d02405", "v6.2.0"),
    "actions/setup-node": ("6044e13b5dc448c55e2357c09f80417699197238", "v6.2.0"),
    "actions/setup-go": ("4b73464bb391d4059bd26b0524d20df3927bd417", "v6.3.0"),
    "actions/setup-java": ("be666c2fcd27ec809703dec50e508c2fdc7f6654", "v5.2.0"),
    "actions/setup-dotnet": ("baa11fbfe1d6520db94683bd5c7a3818018e4309", "v5.1.0"),
    "ruby/setup-ruby": ("09a7688d3b55cf0e976497ff046b70949eeaccfd", "v1.288.0"),
    "shivammathur/setup-php": ("44454db4f0199b8b9685a5d763dc37cbf79108e1", "v2.36.0"),
    "denoland/setup-deno": ("e95548e56dfa95d4e1a28d6f422fafe75c4c26fb", "v2.0.3"),
    "docker/setup-buildx-action": ("8d2750c68a42422c14e847fe6c8ac0403b4cbd6f", "v3.12.0"),
    "docker/login-action": ("5e57cd118135c172c3672efd75eb46360885c0ef", "v3.6.0"),
    "docker/build-push-action": ("263435318d21b8e681c14492fe198d362a7d2c83", "v6.18.0"),
    "oven-sh/setup-bun": ("735343b667d3e6f658f44d0eca948eb6282f2b76", "v2.0.2"),
    "azure/setup-kubectl": ("776406bce94f63e41d621b960d78ee25c8b76ede", "v4.0.1"),
}
KUBECTL = "v1.34.1"
BUN = "1.4.4"
PACKAGE_MANAGERS = {"uv": "0.13.8", "poetry": "2.5.1", "pdm": "2.29.4", "pipenv": "2026.10.3"}
"""Those of Python that are installed from PyPI first."""


def pinned(action: str) -> tuple[str, str]:
    """(`action@commit`, its version). Raises KeyError for one that is not in the table."""
    commit, version = PINNED[action]
    return f"{action}@{commit}", version
