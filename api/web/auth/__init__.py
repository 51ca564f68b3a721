"""Authentication and authorization: API keys, the session cookie, same-origin checks."""
