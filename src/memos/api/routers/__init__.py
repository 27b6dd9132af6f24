"""Routes by dialect."""
