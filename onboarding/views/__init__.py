"""The pages of the journey. Each view parses, makes one call into the domain and renders."""
