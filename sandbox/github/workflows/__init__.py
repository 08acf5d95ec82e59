"""Workflow files: what they say, whether they are valid, and which events start them. Runs nothing: see `ci`."""
