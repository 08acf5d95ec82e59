"""Onramp on one machine: the servers from wheels, the sandbox, web and worker, under one supervisor.

For the demo, for development and for the tests. Production has its own servers and never uses this package.
"""
