"""The verbs of an onboarding, for pages, API and commands alike: one module per noun that people act on.

Each is one transaction that also writes its event. An action checks nothing about visibility: its caller passes rows that the
person may see.
"""
