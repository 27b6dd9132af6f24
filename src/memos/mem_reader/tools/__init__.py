"""Reading what messages tell about tools: descriptions, calls, results."""
