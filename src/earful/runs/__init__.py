"""Runs: the one door to a run folder, unfinished or finished."""
