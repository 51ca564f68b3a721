-- pause: do not call a webhook until a time; a time in the past ends its pause. A current sender goes on.
-- KEYS: the keys of all searches and of this one. ARGV: search, until.
call("HSET", PAUSED, ARGV[1], ARGV[2])
schedule(ARGV[1], QUEUE)
