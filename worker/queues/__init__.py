"""The queues and streams in Redis: frontier, spool, outbox and event stream."""
