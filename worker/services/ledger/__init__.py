"""The ledger rows of URLs: admission, lookup and results of crawls."""
