"""Languages, sentences and the sentence encoder."""
