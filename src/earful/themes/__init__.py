"""Themes: what the feedback is about, and how loud each complaint is."""
