"""The relational system of record: projects, keys, subjects, messages, tasks, usage, audit."""
