"""Measurements with a command of their own. They use the product as it is and change nothing of it."""
