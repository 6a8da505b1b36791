"""Making the row model, validating the loyalty index, comparison and alarms."""
