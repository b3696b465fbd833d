"""`advisor bench`: how fast the advisor is, beside other ways to run the same model."""
