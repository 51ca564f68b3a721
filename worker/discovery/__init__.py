"""Where URLs come from: feeds, sitemaps, section pages, site probes and WebSub hubs."""
