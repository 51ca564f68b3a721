"""The use cases: what tasks and api ask of the worker. Each module is one of them and takes the `Desk` it works at.

adding      URLs are accepted: a row each
turn        one host's turn: fetch what its delay allows
digesting   waiting pages are read and filed
sweeping    what stayed queued too long is queued again
auditing    ledger, index and queues are held against each other
asking      what people look up: rows, articles, searches, status
"""
