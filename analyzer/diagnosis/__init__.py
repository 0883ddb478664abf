"""Signed exchanges become findings: differences, facts, secret check, ranked causes."""
