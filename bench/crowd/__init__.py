"""Many onboardings at once, with the processes of the product and a pretend outside world that takes its time."""
