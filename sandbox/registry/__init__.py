"""The container registry: what was pushed, and where it lies. Pulling and running it is the cluster's affair.

`images.find(reference)` answers a reference with the image, or None for one that nobody pushed.
"""
