-- finish: end sending, and do not call the webhook until a time.
-- KEYS: the keys of all searches and of this one. ARGV: search, until.
call("HDEL", SENDING, ARGV[1])
call("HSET", PAUSED, ARGV[1], ARGV[2])
schedule(ARGV[1], QUEUE)
