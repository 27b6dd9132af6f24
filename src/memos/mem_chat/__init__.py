"""Talking with memory: which model answers, and what it is told. No model is chosen or called here."""
