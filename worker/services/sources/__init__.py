"""Sources: feeds, sitemaps and section pages that are visited on a schedule, and their hubs."""
