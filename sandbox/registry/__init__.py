"""The container registry: it stores pushed images. The cluster pulls and runs them.

`images.find(reference)` returns the image of a reference, or None.
"""
