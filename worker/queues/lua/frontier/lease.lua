-- lease: give the right to visit a host, if it is free and may be visited.
-- KEYS: the keys of all hosts and of this host. ARGV: host, now, end of the lease.
-- Returns the token, or {the time when the host is next free}.
local host, now, till = ARGV[1], number(ARGV[2]), ARGV[3]
local _, leased_until = lease_of(host)
local free = math.max(leased_until, free_at(host))
if free > now then return {string.format("%.6f", free)} end
call("HDEL", PAUSES, host)
count("in_flight", -call("HLEN", FLIGHT))
call("DEL", FLIGHT)
-- The token is greater than any before, even if Redis has lost everything since: Redis's clock, in microseconds.
local clock = call("TIME")
local token = math.max(clock[1] * 1e6 + clock[2], number(call("HGET", COUNTS, "token")) + 1)
token = string.format("%.0f", token)
call("HSET", COUNTS, "token", token)
call("HSET", LEASES, host, token .. " " .. till)
call("ZADD", HOSTS, till, host)
return token
