"""Decides what becomes of drafts: dedupe, tag, date, link to evidence."""
