"""A city that never was: people, a year of requests and some stories, for the demo only.

Everything a reader could take for a fact of a city (shares, hours, names, phrases) is data of
the pack's ``demo/`` folder.
"""
