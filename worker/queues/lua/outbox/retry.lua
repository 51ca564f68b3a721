-- retry: let a delivery wait until a time.
-- KEYS: the keys of all searches and of this one. ARGV: delivery id, due.
return call("ZADD", QUEUE, "XX", "CH", ARGV[2], ARGV[1])
