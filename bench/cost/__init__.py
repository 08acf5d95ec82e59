"""The cost of one onboarding: our own time, statements, and calls to providers."""
