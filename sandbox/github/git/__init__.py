"""Bare git repositories, read and written through the git program. Knows nothing of pull requests or HTTP."""
