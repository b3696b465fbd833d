"""Probes of a comparison, and the messages that they are trained on."""
