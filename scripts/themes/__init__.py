"""Measuring the themes, and the constants fitted for them."""
