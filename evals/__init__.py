"""Cases, scorers, gates and reports that prove what the advisor says."""
