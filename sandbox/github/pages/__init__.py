"""Web pages of a repository, its pull requests and its runs, with the few actions that a demo needs."""
