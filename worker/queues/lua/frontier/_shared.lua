-- The crawl frontier. Times are epoch seconds.
--
-- Keys of all hosts (KEYS 1 to 5):
--   hosts     sorted set  host -> when to check it: it is allowed, not leased, and has a due URL
--   allowed   hash        host -> when it may be visited next
--   leases    hash        host -> "TOKEN UNTIL"
--   pauses    hash        host -> "UNTIL REASON"
--   counts    hash        urls, in_flight, token (the last one given)
--
-- Keys of one host (KEYS 6 to 9, where a command is about one host):
--   queue     sorted set  id -> when it is due; in flight: when its lease ends, so that a lost one comes back by itself
--   flight    hash        id -> when it was due before it was taken
--   tries     hash        id -> how often it was taken
--   failures  string      failures in a row; expires after twice the longest pause without a failure

local call = redis.call
local HOSTS, ALLOWED, LEASES, PAUSES, COUNTS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local QUEUE, FLIGHT, TRIES, FAILURES = KEYS[6], KEYS[7], KEYS[8], KEYS[9]

local function count(name, by) if by ~= 0 then call("HINCRBY", COUNTS, name, by) end end
local function number(text) return tonumber(text or "") or 0 end

local function lease_of(host)
  local token, till = string.match(call("HGET", LEASES, host) or "", "^(%S+) (%S+)$")
  return token, number(till)
end

local function holds_lease(host, token) return lease_of(host) == token end

local function paused_until(host)
  return number(string.match(call("HGET", PAUSES, host) or "", "^%S+"))
end

-- When politeness and pauses allow a visit.
local function free_at(host)
  return math.max(number(call("HGET", ALLOWED, host)), paused_until(host))
end

-- When the host has something to do; nil if its queue is empty.
local function ready_at(host, queue)
  local first = call("ZRANGE", queue, 0, 0, "WITHSCORES")
  return first[2] and math.max(number(first[2]), free_at(host))
end

-- Remove a URL from the host's keys. Returns 1 if it was there.
local function forget(id)
  local known = call("ZREM", QUEUE, id)
  count("urls", -known)
  count("in_flight", -call("HDEL", FLIGHT, id))
  call("HDEL", TRIES, id)
  return known
end

local function pause(host, till, reason)
  call("HSET", PAUSES, host, till .. " " .. reason)
  call("ZADD", HOSTS, math.max(number(call("ZSCORE", HOSTS, host)), number(till)), host)
end

