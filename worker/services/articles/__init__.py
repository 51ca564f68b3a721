"""Articles after they are indexed: takedowns and revisions."""
