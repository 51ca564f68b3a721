-- remove: forget a URL. Returns 1 if it was there.
-- KEYS: the keys of all hosts and of this host. ARGV: id.
return forget(ARGV[1])
