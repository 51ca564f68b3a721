"""A sample news site of three invented publishers, to try Copydesk on without a network.

Every story, person and place is made up. Each publisher is a folder: what it serves lies under `www`, as it goes over
the wire but for `{{origin}}` (its own address) and `{{origin:NAME}}` (another publisher's); `redirects.toml` leads from
old paths to new ones. `expected.toml` says what a perfect reader finds on each page.
"""

from sample.server import serve
from sample.site import Site

__all__ = ["Site", "serve"]
