"""Composition root: builds every component from `Settings`."""
