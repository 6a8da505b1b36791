"""Models: where weights live, and how they are known to be whole."""
