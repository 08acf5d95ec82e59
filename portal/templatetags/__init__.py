"""How templates say moments and lengths of time."""
