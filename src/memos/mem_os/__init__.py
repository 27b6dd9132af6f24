"""mem_os."""
