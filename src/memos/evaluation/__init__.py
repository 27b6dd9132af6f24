"""Measures what a memory system remembers: retrieval without a model, answers with one.

Reads published dialogue sets from files the user names, adds them the public way, asks their
questions and reports. It changes nothing of the product and holds no data of those sets.
"""
