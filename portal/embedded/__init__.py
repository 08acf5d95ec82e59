"""Everything Onramp needs on one machine: the servers from wheels, the sandbox, web and worker under one supervisor.

For the demo, for work on the code and for the tests; production has servers of its own and never comes here.
"""
