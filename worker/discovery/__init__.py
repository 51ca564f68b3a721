"""The discovery of URLs: feeds, sitemaps, section pages, site probes and WebSub hubs."""
