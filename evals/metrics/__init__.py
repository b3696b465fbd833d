"""Figures of a run, with n and intervals; see metrics.py."""
