"""The stores: ledger, article index and catalog, on SQLite or Elasticsearch."""
