"""Reading conversations for how a user wants tasks to be done."""
