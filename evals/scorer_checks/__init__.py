"""Bad answers planted for the scorers to catch; see planted.py."""
