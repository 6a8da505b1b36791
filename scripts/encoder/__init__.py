"""Scripts of the encoder."""
