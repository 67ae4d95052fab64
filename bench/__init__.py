"""Measurements: `make bench` runs all of them, `make bench ARGS=sizes` one. No test depends on a figure.

`python -m bench.redline FOLDER` needs repositories of others and is run by hand.
"""
