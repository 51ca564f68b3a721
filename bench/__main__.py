"""The entry point of the measurements: `python -m bench NAME`."""

from __future__ import annotations

import importlib
import sys

BENCHES = {
    "ingest": "pages per second through the whole stack",
    "leave-sets-out": "quality of the reader on sets of pages that its models were not trained on",
    "picture": "docs/demo.svg: the output of the demo",
    "reader": "quality and speed of the reader, on labelled pages",
    "search": "response times of eight query shapes",
}


def main(arguments: list[str]) -> None:
    """Run the measurement that the first argument names, by default `ingest`."""
    name, rest = (arguments[0], arguments[1:]) if arguments else ("ingest", [])
    if name not in BENCHES:
        listed = "\n".join(f"  {n:14} {description}" for n, description in BENCHES.items())
        sys.exit(f"python -m bench NAME --help, where NAME is one of\n{listed}")
    importlib.import_module(f"bench.{name.replace('-', '_')}").main(rest)


if __name__ == "__main__":
    main(sys.argv[1:])
