-- release: end a lease. A URL that was taken and neither done nor retried is due as before. Returns false if it is lost.
-- KEYS: the keys of all hosts and of this host. ARGV: host, token, time of the next allowed visit.
local host, token, next_at = ARGV[1], ARGV[2], ARGV[3]
if not holds_lease(host, token) then return false end
local untried = call("HGETALL", FLIGHT)
for i = 1, #untried, 2 do
  call("ZADD", QUEUE, "XX", untried[i + 1], untried[i])
  call("HINCRBY", TRIES, untried[i], -1)
end
count("in_flight", -#untried / 2)
call("DEL", FLIGHT)
call("HDEL", LEASES, host)
call("HSET", ALLOWED, host, next_at)
call("ZADD", HOSTS, ready_at(host, QUEUE) or free_at(host), host)
return 1
