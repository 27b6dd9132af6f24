"""Use cases, one module each. They know ports and values, no web framework and no adapter."""
