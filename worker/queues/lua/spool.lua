-- The spool: every step of spool.py, each atomic. ARGV[1] names the step, ARGV[2] is the prefix of keys.
--
--   page:ID  hash    crawl, header, body; attempt: times that it was taken; token: of the lease it is under
--   fresh    zset    id -> when it was fetched: may be taken at any time
--   again    zset    id -> when it may be taken again: given back, or its lease ran out
--   leased   zset    id -> when its lease ends
--   sizes    hash    id -> bytes that header and body hold; total: their sum
--   token    number  the last one given
--
-- Redis may evict any of these keys. Sizes lie apart from the pages, so that those of evicted ones are taken off, and
-- beside their sum, so that both go together; a page that has lost its queue counts as lost.
--
-- A Redis that is full refuses what may need memory, unless the step has freed some before: take, done and give_back
-- begin their writing with ZREM or DEL, so that they empty it nevertheless.

local step, prefix = ARGV[1], ARGV[2]
local call = redis.call
local FRESH, AGAIN, LEASED = prefix .. "fresh", prefix .. "again", prefix .. "leased"
local SIZES, TOKEN = prefix .. "sizes", prefix .. "token"

local function page(id) return prefix .. "page:" .. id end

local function leave_queues(id)
  for _, queue in ipairs({FRESH, AGAIN, LEASED}) do call("ZREM", queue, id) end
end

local function is_queued(id)
  return call("ZSCORE", FRESH, id) or call("ZSCORE", AGAIN, id) or call("ZSCORE", LEASED, id)
end

local function contains(id)
  return call("EXISTS", page(id)) == 1 and is_queued(id)
end

local function forget(id)
  call("DEL", page(id))
  leave_queues(id)
  local size = call("HGET", SIZES, id)
  if size then
    call("HDEL", SIZES, id)
    call("HINCRBY", SIZES, "total", -size)
  end
end

local function is_empty()
  return call("ZCARD", FRESH) + call("ZCARD", AGAIN) + call("ZCARD", LEASED) == 0
end

local function expire_leases(now)
  local expired = call("ZRANGEBYSCORE", LEASED, "-inf", now, "WITHSCORES")
  for i = 1, #expired, 2 do
    call("ZREM", LEASED, expired[i])
    call("ZADD", AGAIN, expired[i + 1], expired[i])
  end
end

-- Ids that may go together, at most n. One that was taken before goes alone: it may have killed its reader.
local function choose(now, n)
  local chosen = {}
  if n < 1 then return chosen end
  local function consider(ids)
    for _, id in ipairs(ids) do
      local attempt = call("HGET", page(id), "attempt")
      if not attempt then
        forget(id) -- Redis has evicted the page: the ledger's sweeper has it fetched again
      elseif attempt == "0" and #chosen < n then
        chosen[#chosen + 1] = id
      elseif attempt ~= "0" and #chosen == 0 then
        return {id}
      end
    end
  end
  return consider(call("ZRANGEBYSCORE", AGAIN, "-inf", now, "LIMIT", 0, n))
    or consider(call("ZRANGE", FRESH, 0, n - 1))
    or chosen
end

local steps = {}

-- Returns 1, or 0 where this crawl of the page or a later one is there already.
function steps.put(id, crawl, fetched, header, body)
  if contains(id) and tonumber(call("HGET", page(id), "crawl")) >= tonumber(crawl) then return 0 end
  call("HINCRBY", SIZES, "total", 0) -- refused where Redis is full, before anything has changed
  forget(id)
  if is_empty() then call("DEL", SIZES) end -- what it still counts has lost its queue
  local size = #header + #body
  call("HSET", page(id), "crawl", crawl, "header", header, "body", body, "attempt", 0)
  call("HSET", SIZES, id, size)
  call("HINCRBY", SIZES, "total", size)
  call("ZADD", FRESH, fetched, id)
  return 1
end

-- Returns the token, then attempt (before this one), header and body of each page.
function steps.take(now, n, lease_s)
  expire_leases(now)
  local ids = choose(now, tonumber(n))
  if #ids == 0 then return {} end
  for _, id in ipairs(ids) do leave_queues(id) end
  local token = call("INCR", TOKEN)
  local taken = {token}
  for _, id in ipairs(ids) do
    call("ZADD", LEASED, now + lease_s, id)
    call("HSET", page(id), "token", token)
    taken[#taken + 1] = call("HINCRBY", page(id), "attempt", 1) - 1
    taken[#taken + 1] = call("HGET", page(id), "header")
    taken[#taken + 1] = call("HGET", page(id), "body")
  end
  return taken
end

local function each_held(token, ids, act)
  local held = 0
  for _, id in ipairs(ids) do
    if call("HGET", page(id), "token") == token then
      act(id)
      held = held + 1
    end
  end
  return held
end

function steps.done(token, ...)
  return each_held(token, {...}, forget)
end

-- What is given back was no attempt.
function steps.give_back(token, due, ...)
  return each_held(token, {...}, function(id)
    leave_queues(id)
    call("HDEL", page(id), "token")
    call("HINCRBY", page(id), "attempt", -1)
    call("ZADD", AGAIN, due, id)
  end)
end

function steps.contains(id)
  return contains(id) and 1 or 0
end

function steps.depths()
  local bytes = is_empty() and 0 or tonumber(call("HGET", SIZES, "total") or 0)
  return {call("ZCARD", FRESH) + call("ZCARD", AGAIN), call("ZCARD", LEASED), bytes}
end

return steps[step](unpack(ARGV, 3))
