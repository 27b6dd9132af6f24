"""`python -m memos` is the `memos` command."""

from memos.cli.main import main

if __name__ == "__main__":
    main()
