"""Confidential issues: who sees which part, what is sealed, every showing remembered, the need assessed."""
