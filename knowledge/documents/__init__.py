"""Reads a document into a Comparison: Markdown, HTML and pasted text."""
