"""Background work: what happens to a message after it is stored, and the worker that does it."""
