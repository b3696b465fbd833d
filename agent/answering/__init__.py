"""From a question to a checked answer: rewrite, decide, compose, grounding."""
