"""Ways to look in: a team's applications, and how Onramp itself is doing. Changes nothing."""
