"""Scorers: what is right about an answer; see scorers.py."""
