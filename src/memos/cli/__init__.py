"""The `memos` command. Heavy libraries are imported inside the commands, so that help is instant."""
