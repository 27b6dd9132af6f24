"""Graph-backed plaintext memory: `organize` writes it, `retrieve` finds it."""
