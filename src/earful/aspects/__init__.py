"""Aspects: the words an opinion is about, and what is thought of them."""
