"""Input and output that the command line and the web share: parsing of queries, highlights, changes of articles."""
