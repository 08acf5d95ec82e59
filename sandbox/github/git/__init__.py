"""Bare git repositories, read and written by the git program itself. Knows nothing of pull requests or HTTP."""
