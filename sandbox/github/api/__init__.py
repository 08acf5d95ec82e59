"""REST v3 as far as PyGithub and Onramp use it. https://docs.github.com/rest"""
