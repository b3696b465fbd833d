"""The prompts of a question: templates, and the messages that are built from them."""
