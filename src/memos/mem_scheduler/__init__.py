"""mem_scheduler."""
