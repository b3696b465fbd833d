"""Model files: which are known, how each is fetched, and how it is verified."""
