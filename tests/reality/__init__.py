"""What real tools and people do that is rare, or that nobody planned: docs/reality.md lists it."""
