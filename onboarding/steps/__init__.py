"""The steps of each kind of run. A step is a function from `Work` to an outcome, and brings its own words.

`golden_path` lists them. A step reads and changes the outside world through providers; `errors` turns a provider's error into
a retry, a blocker or a failure.
"""
