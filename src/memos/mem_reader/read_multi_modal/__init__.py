"""Reading messages that hold more than text: documents, pictures, sound."""
