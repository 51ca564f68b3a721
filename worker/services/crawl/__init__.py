"""Visits of hosts: URLs are fetched, and what cannot be fetched ends with a reason."""
