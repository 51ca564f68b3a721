"""A sample news site of three invented publishers, to try Copydesk without a network.

All articles, people and places are invented. Each publisher has a folder. Its `www` contains the files that it serves;
`{{origin}}` in them stands for the publisher's own origin and `{{origin:NAME}}` for another publisher's.
`redirects.toml` maps old paths to new ones. `expected.toml` describes the result of a perfect extraction of each page.
"""

from sample.server import serve
from sample.site import Site

__all__ = ["Site", "serve"]
