"""Answers known to be good or bad, which check the scorers; see checks.py."""
