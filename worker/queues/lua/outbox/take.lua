-- take: lease the delivery that has been due the longest. Returns {the delivery as JSON, tries}, or false.
-- KEYS: the keys of all searches and of this one. ARGV: now, end of the lease.
local id = call("ZRANGE", QUEUE, "-inf", ARGV[1], "BYSCORE", "LIMIT", 0, 1)[1]
if not id then return false end
call("ZADD", QUEUE, ARGV[2], id)
return {call("HGET", DELIVERIES, id), call("HINCRBY", TRIES, id, 1)}
