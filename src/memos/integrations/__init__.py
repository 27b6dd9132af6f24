"""Adapters for agent frameworks, over the SDK. Each module imports its framework; none is needed here."""
