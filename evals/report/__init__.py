"""A run for people and for CI; see report.py."""
