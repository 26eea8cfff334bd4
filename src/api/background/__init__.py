"""What the process does unasked."""
