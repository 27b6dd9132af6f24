"""tree_text_memory."""
