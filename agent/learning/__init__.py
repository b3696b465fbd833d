"""What is learnt of a comparison before anyone asks: probes, and what they are learnt from."""
