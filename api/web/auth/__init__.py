"""Who may ask: API keys, sessions, same-origin checks."""
