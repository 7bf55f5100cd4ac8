"""Several people on one issue: what may be the same, joining in, duplicates, the conversation."""
