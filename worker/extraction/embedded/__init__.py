"""Articles that a page carries as data: JSON-LD, microdata, scripts."""
