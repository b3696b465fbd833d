"""The comparison and what turns it into evidence: parse, embed, index, retrieve."""
