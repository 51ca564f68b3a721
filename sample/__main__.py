"""Command that serves the sample news site in the foreground until Ctrl-C: python -m sample [--base-port 8765]."""

from __future__ import annotations

import argparse
import signal
from threading import Event

from sample.server import serve


def main() -> None:
    """Serve the sample news site and print the URLs of its publishers."""
    parser = argparse.ArgumentParser(prog="python -m sample", description="Serve the sample news site.")
    parser.add_argument(
        "--base-port", type=int, default=8765, help="first of three ports; 0 for free ports (default 8765)"
    )
    base_port = parser.parse_args().base_port
    stop = Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    try:
        with serve(base_port) as sites:
            for site in sites.values():
                print(f"{site.name:14} {site.origin}/  {site.feed_url}  {site.sitemap_url}", flush=True)  # noqa: T201
            stop.wait()
    except (OSError, OverflowError) as error:
        parser.error(
            f"cannot serve on port {base_port} and the next ones ({error}); give others with --base-port, or 0"
        )


if __name__ == "__main__":
    main()
