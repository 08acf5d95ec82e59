"""Builds images from Dockerfiles without containers.

Files are copied, installs and compilers are run, and other commands are simulated and named. The result is a folder
that represents the image's `/`, and the settings for running it.
"""
