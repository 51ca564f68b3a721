-- The spool. Times are epoch seconds.
--
-- Keys of all pages (KEYS 1 to 5):
--   fresh   sorted set  id -> when it was fetched: may be taken at any time
--   again   sorted set  id -> when it may be taken again: it was given back, or its lease ran out
--   leased  sorted set  id -> when its lease ends
--   sizes   hash        id -> bytes of header and body; total: their sum
--   token   number      the last one given
--
-- Keys of pages (from KEYS 6): a hash with crawl, header, body; attempt: how often it was taken; token: of its lease.
--
-- Redis may evict any of these keys. The sizes are kept apart from the pages, so that those of evicted pages can be
-- subtracted, and beside their sum, so that both are evicted together. A page that is in no queue counts as lost.
--
-- A full Redis refuses commands that may need memory, unless the script has freed some before. Therefore take, done and
-- give_back begin their writing with ZREM or DEL, so that they empty the spool nevertheless.

local call = redis.call
local FRESH, AGAIN, LEASED, SIZES, TOKEN = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]

local function leave_queues(id)
  for _, queue in ipairs({FRESH, AGAIN, LEASED}) do call("ZREM", queue, id) end
end

local function contains(id, page)
  return call("EXISTS", page) == 1
    and (call("ZSCORE", FRESH, id) or call("ZSCORE", AGAIN, id) or call("ZSCORE", LEASED, id))
end

local function forget(id, page)
  call("DEL", page)
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

-- Call act(id, page) for each id from ARGV[first] on whose page this lease holds. Returns how many these are.
local function each_held(token, first, act)
  local held = 0
  for i = first, #ARGV do
    local page = KEYS[6 + i - first]
    if call("HGET", page, "token") == token then
      act(ARGV[i], page)
      held = held + 1
    end
  end
  return held
end

