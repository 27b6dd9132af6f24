"""Judges of relevance: a port and its adapters. Off by default; see docs/reranking.md."""
