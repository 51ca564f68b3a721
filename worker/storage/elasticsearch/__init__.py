"""The store for production: ledger, index and catalog in Elasticsearch."""
