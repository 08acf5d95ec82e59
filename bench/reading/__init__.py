"""How correctly and how fast repositories are read."""
