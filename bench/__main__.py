"""`make bench`: measure the server over HTTP; `--full` adds a cube of 100,000 memories."""

import argparse
import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the server; before numpy is imported

from bench import http
from bench.report import save, show


def main() -> int:
    """Command line."""
    defaults = http.Options()
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--repeats", type=int, default=defaults.repeats)
    parser.add_argument("--delete", type=int, default=defaults.delete)
    options = http.Options(**vars(parser.parse_args()))
    rows = http.run(options)
    show(f"HTTP, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", rows)
    print(f"saved as {save('http', rows)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
