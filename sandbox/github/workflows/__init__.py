"""GitHub's workflow files: their syntax and expressions, and the events that start runs. `ci` executes the runs."""
