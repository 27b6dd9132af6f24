"""organize."""
