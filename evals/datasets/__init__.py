"""Cases as files of JSON Lines, and how they are read."""
