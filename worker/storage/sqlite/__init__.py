"""The embedded store: ledger, index and catalog in one SQLite file."""
