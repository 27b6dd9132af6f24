"""Serve the stand-in model of the tests, for commands that want a model where there is none.

Run: python -m bench.stand_in [--port 8089] [--malformed 0.2] [--seed 7]

Then, for one: memos eval updates --base-url http://127.0.0.1:8089/v1 --model stand-in
It ends with Ctrl-C and says how many answers it spoilt, and how.
"""

import argparse
import contextlib
import threading
from collections.abc import Sequence

from tests.scripted_model import scripted_model
from tests.stand_in import StandIn


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.stand_in", description=__doc__)
    parser.add_argument("--port", type=int, default=8089)
    parser.add_argument("--malformed", type=float, default=0.0, help="share of answers spoilt")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    stand_in = StandIn(options.malformed, options.seed)
    with scripted_model(options.port) as model:
        model.fallback = stand_in
        print(f"answers at {model.url}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
        print(f"{len(model.requests)} answers, spoilt: {dict(stand_in.spoilt)}")


if __name__ == "__main__":
    main()
