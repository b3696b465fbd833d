"""Scorers: what is right about an answer; see registry.py."""
