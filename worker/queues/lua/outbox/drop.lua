-- drop: forget all deliveries of a search. Returns how many waited.
-- KEYS: the keys of all searches and of this one. ARGV: search.
local waiting = call("ZCARD", QUEUE)
call("DEL", QUEUE, DELIVERIES, TRIES)
for _, key in ipairs({ANNOUNCED, SENDING, PAUSED}) do call("HDEL", key, ARGV[1]) end
schedule(ARGV[1], QUEUE)
return waiting
