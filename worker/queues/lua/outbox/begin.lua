-- begin: let the caller send to a webhook until a time. Returns false if another one sends, or the webhook is paused.
-- KEYS: the keys of all searches and of this one. ARGV: search, now, until.
local search = ARGV[1]
if free_at(search) > tonumber(ARGV[2]) then return false end
call("HDEL", ANNOUNCED, search)
call("HSET", SENDING, search, ARGV[3])
schedule(search, QUEUE)
return 1
