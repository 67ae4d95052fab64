"""Measurements: `make bench` runs all of them, `make bench ARGS=sizes` one. No test depends on a figure."""
