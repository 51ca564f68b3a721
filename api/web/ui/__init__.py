"""The pages: search, article, queue and API description, rendered on the server."""
