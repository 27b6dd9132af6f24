"""textual."""
