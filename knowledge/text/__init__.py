"""Text as retrieval and grounding compare it: words, quantities and sentences."""
