"""Text: cleaned, its language, its sentences and clauses, answers that say nothing."""
