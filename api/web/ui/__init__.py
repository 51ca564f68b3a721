"""The pages: search, article and queue, rendered on the server and served beside the HTTP API."""
