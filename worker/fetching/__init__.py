"""The polite, guarded HTTP clients: pages, robots.txt, webhooks."""
