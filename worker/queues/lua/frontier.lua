-- The crawl frontier: every step of frontier.py, each atomic. ARGV[1] names the step, ARGV[2] is the prefix of keys.
--
--   hosts      zset  host -> when to look at it again: allowed, not leased, and something due
--   queue:H    zset  id -> when it is due; in flight: when its lease ends, so that a lost one comes back by itself
--   flight:H   hash  id -> when it was due before it was taken
--   tries      hash  "H id" -> times that it was taken
--   allowed    hash  host -> when it may be spoken to next
--   lease      hash  host -> "token until"
--   paused     hash  host -> "until why"
--   strikes:H  text  failures in a row; expires where none came for twice the longest pause
--   counts     hash  urls, in_flight, token (the last one given)

local step, prefix = ARGV[1], ARGV[2]
local call = redis.call
local HOSTS, TRIES, ALLOWED = prefix .. "hosts", prefix .. "tries", prefix .. "allowed"
local LEASE, PAUSED = prefix .. "lease", prefix .. "paused"
local COUNTS = prefix .. "counts"

local function queue(host) return prefix .. "queue:" .. host end
local function flight(host) return prefix .. "flight:" .. host end
local function strikes(host) return prefix .. "strikes:" .. host end
local function count(what, by) if by ~= 0 then call("HINCRBY", COUNTS, what, by) end end
local function number(text) return tonumber(text or "") or 0 end

local function first_word(key, host)
  return number(string.match(call("HGET", key, host) or "", "^%S+"))
end

local function lease_of(host)
  local token, till = string.match(call("HGET", LEASE, host) or "", "^(%S+) (%S+)$")
  return token, number(till)
end

local function holds(host, token) return lease_of(host) == token end

-- When the host may be spoken to: politeness and pause.
local function free_at(host)
  return math.max(number(call("HGET", ALLOWED, host)), first_word(PAUSED, host))
end

-- When there is something to do at the host; nil if its queue is empty.
local function ready_at(host)
  local first = call("ZRANGE", queue(host), 0, 0, "WITHSCORES")
  return first[2] and math.max(number(first[2]), free_at(host))
end

local function forget(host, id)
  local known = call("ZREM", queue(host), id)
  count("urls", -known)
  count("in_flight", -call("HDEL", flight(host), id))
  call("HDEL", TRIES, host .. " " .. id)
  return known
end

local steps = {}

-- due, host, id, host, id …: the last is due at `due`, the ones before a microsecond earlier each, to keep their order.
function steps.push(due, ...)
  local jobs, added = {...}, 0
  for i = 1, #jobs, 2 do
    local host, id, when = jobs[i], jobs[i + 1], due - (#jobs - i - 1) * 5e-7
    local first = call("ZRANGE", queue(host), 0, 0, "WITHSCORES")[2]
    if call("ZADD", queue(host), "NX", when, id) == 1 then
      added = added + 1
      if not first or when < number(first) then
        call("ZADD", HOSTS, math.max(when, free_at(host)), host)
      end
    end
  end
  count("urls", added)
  return added
end

-- now, limit, again: hosts to visit now; each is not named again until `again`.
function steps.due_hosts(now, limit, again)
  now, limit = number(now), number(limit)
  local found = {}
  for _, host in ipairs(call("ZRANGE", HOSTS, "-inf", now, "BYSCORE", "LIMIT", 0, limit * 4)) do
    local _, till = lease_of(host)
    local ready = ready_at(host)
    if till > now then
      call("ZADD", HOSTS, till, host)
    elseif not ready then
      local free = free_at(host)
      if free > now then
        call("ZADD", HOSTS, free, host)
      else
        call("ZREM", HOSTS, host)
        call("HDEL", ALLOWED, host)
        call("HDEL", LEASE, host)
        call("HDEL", PAUSED, host)
      end
    elseif ready > now then
      call("ZADD", HOSTS, ready, host)
    elseif #found < limit then
      call("ZADD", HOSTS, again, host)
      found[#found + 1] = host
    end
  end
  return found
end

-- Greater than any given before, even if Redis has lost everything since: by its clock, in microseconds.
local function next_token()
  local clock = call("TIME")
  local token = math.max(clock[1] * 1e6 + clock[2], number(call("HGET", COUNTS, "token")) + 1)
  local text = string.format("%.0f", token)
  call("HSET", COUNTS, "token", text)
  return text
end

function steps.lease(host, now, till)
  local _, held = lease_of(host)
  now = number(now)
  if held > now or free_at(host) > now then return false end
  call("HDEL", PAUSED, host)
  count("in_flight", -call("HLEN", flight(host)))
  call("DEL", flight(host))
  local token = next_token()
  call("HSET", LEASE, host, token .. " " .. till)
  call("ZADD", HOSTS, till, host)
  return token
end

function steps.take(host, token, now, most)
  local mine, till = lease_of(host)
  if mine ~= token or till <= number(now) then return false end
  local jobs = {}
  local due = call("ZRANGE", queue(host), "-inf", now, "BYSCORE", "LIMIT", 0, most, "WITHSCORES")
  for i = 1, #due, 2 do
    call("ZADD", queue(host), till, due[i])
    call("HSET", flight(host), due[i], due[i + 1])
    jobs[#jobs + 1] = due[i]
    jobs[#jobs + 1] = call("HINCRBY", TRIES, host .. " " .. due[i], 1)
  end
  count("in_flight", #jobs / 2)
  return jobs
end

function steps.done(host, token, ...)
  if not holds(host, token) then return false end
  for _, id in ipairs({...}) do forget(host, id) end
  return 1
end

function steps.retry(host, token, id, due)
  if not holds(host, token) then return false end
  call("ZADD", queue(host), "XX", due, id)
  count("in_flight", -call("HDEL", flight(host), id))
  return 1
end

-- Gives the host back. What was taken and neither done nor to be retried was not tried: it is due as before.
function steps.release(host, token, next_at)
  if not holds(host, token) then return false end
  local untried = call("HGETALL", flight(host))
  for i = 1, #untried, 2 do
    call("ZADD", queue(host), "XX", untried[i + 1], untried[i])
    call("HINCRBY", TRIES, host .. " " .. untried[i], -1)
  end
  count("in_flight", -#untried / 2)
  call("DEL", flight(host))
  call("HDEL", LEASE, host)
  call("HSET", ALLOWED, host, next_at)
  call("ZADD", HOSTS, ready_at(host) or free_at(host), host)
  return 1
end

function steps.pause(host, till, why)
  call("HSET", PAUSED, host, till .. " " .. why)
  call("ZADD", HOSTS, math.max(number(call("ZSCORE", HOSTS, host)), number(till)), host)
  return 1
end

function steps.strike(host, now, counts, most, pause_s, most_pause_s, asked_s, why)
  local beyond = call("INCRBY", strikes(host), counts) - number(most)
  call("EXPIRE", strikes(host), math.ceil(2 * number(most_pause_s)))
  local wait = number(asked_s)
  if beyond >= 0 and counts == "1" then
    wait = math.max(wait, math.min(number(pause_s) * 2 ^ beyond, number(most_pause_s)))
  end
  if wait == 0 then return false end
  local till = string.format("%.3f", math.max(number(now) + wait, first_word(PAUSED, host)))
  steps.pause(host, till, why)
  return till
end

-- Ends a pause, or (away) the wait for a host that gives no robots.txt: what waits for its next try is due now. The end of
-- the visit that brought the pause has put off the next one until its end, too; a shorter delay is politeness, and stays.
function steps.resume(host, now, away)
  local till, known = first_word(PAUSED, host), call("HDEL", PAUSED, host)
  if known == 0 and away ~= "1" then return 0 end
  if number(call("HGET", ALLOWED, host)) >= till - 1 then call("HDEL", ALLOWED, host) end
  for _, id in ipairs(call("ZRANGE", queue(host), "(" .. now, "+inf", "BYSCORE")) do
    if call("HEXISTS", flight(host), id) == 0 then call("ZADD", queue(host), now, id) end
  end
  if not lease_of(host) then call("ZADD", HOSTS, ready_at(host) or free_at(host), host) end
  return known
end

function steps.remove(host, id) return forget(host, id) end

local reply = steps[step](unpack(ARGV, 3))
return reply
