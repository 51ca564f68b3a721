"""Article data that pages embed: JSON-LD, microdata, and the JSON of scripts."""
