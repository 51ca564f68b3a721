-- done: forget a delivery. Returns 1 if it was there.
-- KEYS: the keys of all searches and of this one. ARGV: delivery id.
call("HDEL", DELIVERIES, ARGV[1])
call("HDEL", TRIES, ARGV[1])
return call("ZREM", QUEUE, ARGV[1])
