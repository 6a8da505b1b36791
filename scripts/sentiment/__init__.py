"""Making and measuring the sentiment models."""
