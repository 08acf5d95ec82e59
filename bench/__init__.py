"""Benchmarks, each with its own command. They run the product unchanged."""
