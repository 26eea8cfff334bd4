"""A call of a function becomes rows or a refusal."""
