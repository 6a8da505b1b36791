"""Measurements that decided something once."""
