"""What other programs think of generated files."""
