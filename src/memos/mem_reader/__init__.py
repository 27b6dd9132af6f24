"""Turns raw messages into memory drafts: fast (no reading) and fine (rules, or a model)."""
