"""How well and how fast repositories are read."""
