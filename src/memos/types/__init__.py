"""Pure values and rules. Standard library and pydantic only; no I/O, no clocks read, no state."""
