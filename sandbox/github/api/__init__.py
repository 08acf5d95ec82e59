"""The part of REST v3 that PyGithub and Onramp use. https://docs.github.com/rest"""
