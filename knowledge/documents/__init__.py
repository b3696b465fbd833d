"""From a document in Markdown, HTML or pasted text to a Comparison."""
