-- take: hand out due URLs, which are in flight from now on. Returns id, tries (this one included), id, tries …
-- Returns false if the lease is lost or over.
-- KEYS: the keys of all hosts and of this host. ARGV: host, token, now, limit.
local host, token, now, limit = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local held, till = lease_of(host)
if held ~= token or till <= number(now) then return false end
local jobs = {}
local due = call("ZRANGE", QUEUE, "-inf", now, "BYSCORE", "LIMIT", 0, limit, "WITHSCORES")
for i = 1, #due, 2 do
  call("ZADD", QUEUE, till, due[i])
  call("HSET", FLIGHT, due[i], due[i + 1])
  jobs[#jobs + 1] = due[i]
  jobs[#jobs + 1] = call("HINCRBY", TRIES, due[i], 1)
end
count("in_flight", #jobs / 2)
return jobs
