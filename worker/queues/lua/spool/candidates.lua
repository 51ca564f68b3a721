-- candidates: the ids that may be taken next, the ones to take again first. Pages whose lease ran out are among them.
-- KEYS: the keys of all pages. ARGV: now, limit.
local now, limit = ARGV[1], tonumber(ARGV[2])
local expired = call("ZRANGEBYSCORE", LEASED, "-inf", now, "WITHSCORES")
for i = 1, #expired, 2 do
  call("ZREM", LEASED, expired[i])
  call("ZADD", AGAIN, expired[i + 1], expired[i])
end
if limit < 1 then return {} end
local ids = call("ZRANGEBYSCORE", AGAIN, "-inf", now, "LIMIT", 0, limit)
for _, id in ipairs(call("ZRANGE", FRESH, 0, limit - 1)) do ids[#ids + 1] = id end
return ids
