"""What makes and measures the models; see ``README.md``. The package does not know of it."""
