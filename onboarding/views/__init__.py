"""The pages of onboarding. Each view parses the request, makes one call into the domain and renders."""
