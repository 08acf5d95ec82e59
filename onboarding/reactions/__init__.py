"""What onboarding does when a run changes: end it in the catalog, write to people, start the watch.

Each reaction is a listener that the engine calls in the transaction of the change. Knows no plan, no blocker's cause and no
step.
"""
