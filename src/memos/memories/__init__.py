"""Kinds of memory and what is done to them: textual now; activation and parametric are named rooms."""
