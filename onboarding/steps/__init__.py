"""The steps of each kind of run. A step is a function from `Work` to an outcome; `golden_path` lists them."""
