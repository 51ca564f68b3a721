"""Host visits: due URLs are fetched; a URL that cannot be fetched finishes with a reason."""
