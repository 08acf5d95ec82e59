"""Middleware of the cluster's ingress. Replaced below."""
