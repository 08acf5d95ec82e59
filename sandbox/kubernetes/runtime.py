"""The cluster's life behind the API: see `start`."""
