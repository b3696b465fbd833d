"""Draws eval cases from a document: what the model writes is kept if it survives a round trip."""
