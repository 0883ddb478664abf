"""Damaged input for the readers: nothing may break, and nothing may depend on how the input was read."""
