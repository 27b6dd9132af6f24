"""From a document to the chunks that become memories. Pure functions of the document."""
