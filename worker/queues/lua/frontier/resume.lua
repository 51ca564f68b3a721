-- resume: end a pause, or the wait for a host without a robots.txt: URLs that wait for another try are due now.
-- The visit that caused the pause also delayed the next visit until its end; a shorter delay is politeness, and stays.
-- KEYS: the keys of all hosts and of this host. ARGV: host, now, 1 to resume a host that is not paused, or 0.
-- Returns 1 if the host was paused.
local host, now, always = ARGV[1], ARGV[2], ARGV[3]
local till, known = paused_until(host), call("HDEL", PAUSES, host)
if known == 0 and always ~= "1" then return 0 end
call("DEL", FAILURES)
if number(call("HGET", ALLOWED, host)) >= till - 1 then call("HDEL", ALLOWED, host) end
for _, id in ipairs(call("ZRANGE", QUEUE, "(" .. now, "+inf", "BYSCORE")) do
  if call("HEXISTS", FLIGHT, id) == 0 then call("ZADD", QUEUE, now, id) end
end
if not lease_of(host) then call("ZADD", HOSTS, ready_at(host, QUEUE) or free_at(host), host) end
return known
