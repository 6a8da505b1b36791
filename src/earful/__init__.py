"""Earful: an earful of customer feedback turned into one loyalty number a company can defend."""

__version__ = "0.1.0"
