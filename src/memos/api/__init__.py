"""The HTTP surface and the SDK."""
