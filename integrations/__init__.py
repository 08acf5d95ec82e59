"""The outside world: one folder per capability, one module per provider. Knows nothing of the domain."""
