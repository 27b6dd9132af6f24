"""From a file's bytes to a document. Nothing here stores or fetches."""
