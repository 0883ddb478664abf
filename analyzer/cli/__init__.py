"""What the user typed decides what runs, and the exit code."""
