"""Conversations: their turns, which of them are open, and the database that stores them."""
