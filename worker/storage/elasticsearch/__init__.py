"""The store of a production: ledger, index and catalog in Elasticsearch."""
