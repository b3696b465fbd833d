"""Fits the decider on the dev cases, and shows what each part of the decision is worth."""
