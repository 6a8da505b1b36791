"""Making and measuring the aspect model."""
