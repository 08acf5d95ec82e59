"""Many onboardings at once, with the product's processes and a simulated outside world that is slow to answer."""
