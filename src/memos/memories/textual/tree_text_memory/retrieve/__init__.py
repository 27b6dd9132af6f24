"""Finds the memories that answer a question: plan, recall, order, threshold."""
