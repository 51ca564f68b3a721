-- give_back: let a delivery wait until a time, as if it had not been taken.
-- KEYS: the keys of all searches and of this one. ARGV: delivery id, due.
call("HINCRBY", TRIES, ARGV[1], -1)
return call("ZADD", QUEUE, "XX", "CH", ARGV[2], ARGV[1])
