"""The use cases: what tasks and api ask of the worker. Each module is one of them and takes the `AppContext` it
works at.

adding      URLs are accepted: a row each
turn        one host's turn: fetch what its delay allows
digesting   waiting pages are read and filed
sweeping    what stayed queued too long is queued again
admitting   what was taken down does not come in again
removing    an article is taken down, with all its addresses
retaining   old articles go
auditing    ledger, index and queues are held against each other
asking      what people look up: rows, articles, searches, status
"""
