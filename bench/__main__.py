"""python -m bench NAME …: measurements that anybody can repeat."""

from __future__ import annotations

import importlib
import sys

BENCHES = {
    "ingest": "pages a second through the whole stack",
    "picture": "docs/demo.svg: what the demo prints",
    "reader": "the reader beside its peers, on labelled pages",
    "search": "answer times of eight query shapes",
}


def main(arguments: list[str]) -> None:
    name, rest = (arguments[0], arguments[1:]) if arguments else ("ingest", [])
    if name not in BENCHES:
        listed = "\n".join(f"  {n:8} {what}" for n, what in BENCHES.items())
        sys.exit(f"python -m bench NAME --help, where NAME is one of\n{listed}")
    importlib.import_module(f"bench.{name}").main(rest)


if __name__ == "__main__":
    main(sys.argv[1:])
