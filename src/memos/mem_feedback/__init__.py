"""Feedback: what a user says about memory itself, and the changes that follow from it."""
