"""Other programs' findings in generated files."""
