-- The outbox: every step of outbox.py, each atomic. ARGV[1] names the step, ARGV[2] is the prefix of keys.
--
--   searches      zset    search -> when to look at its queue: something is due, and it may be sent to
--   queue:S       zset    delivery -> when it is due; being sent: when its lease ends
--   deliveries:S  hash    delivery -> what is to be sent, as JSON
--   tries:S       hash    delivery -> times that it was taken
--   free          hash    search -> when it may be sent to next: a turn is under way, or its webhook is left in peace
--   mark:M        string  a match that was announced; expires

local step, prefix = ARGV[1], ARGV[2]
local call = redis.call
local SEARCHES, FREE = prefix .. "searches", prefix .. "free"

local function queue(search) return prefix .. "queue:" .. search end
local function deliveries(search) return prefix .. "deliveries:" .. search end
local function tries(search) return prefix .. "tries:" .. search end

-- Note when there is something to do for a search again.
local function look(search)
  local first = call("ZRANGE", queue(search), 0, 0, "WITHSCORES")
  local free = tonumber(call("HGET", FREE, search) or "0")
  if first[2] then
    call("ZADD", SEARCHES, math.max(tonumber(first[2]), free), search)
  else
    call("ZREM", SEARCHES, search)
  end
end

local steps = {}

-- The event goes out and the delivery comes in at once, or neither does. Empty json: there is no webhook.
function steps.announce(mark, mark_s, stream, kept, search, id, json, due, most, ...)
  if not call("SET", prefix .. "mark:" .. mark, 1, "NX", "EX", mark_s) then return "known" end
  call("XADD", stream, "MAXLEN", "~", kept, "*", ...)
  if json == "" then return "announced" end
  if call("HLEN", deliveries(search)) >= tonumber(most) then return "full" end
  call("HSET", deliveries(search), id, json)
  call("ZADD", queue(search), due, id)
  look(search)
  return "queued"
end

function steps.due(now, limit, till)
  local found = call("ZRANGE", SEARCHES, "-inf", now, "BYSCORE", "LIMIT", 0, limit)
  for _, search in ipairs(found) do
    call("HSET", FREE, search, till)
    look(search)
  end
  return found
end

function steps.take(search, now, till)
  local id = call("ZRANGE", queue(search), "-inf", now, "BYSCORE", "LIMIT", 0, 1)[1]
  if not id then return false end
  call("ZADD", queue(search), till, id)
  return {call("HGET", deliveries(search), id), call("HINCRBY", tries(search), id, 1)}
end

function steps.done(search, id)
  call("HDEL", deliveries(search), id)
  call("HDEL", tries(search), id)
  return call("ZREM", queue(search), id)
end

function steps.retry(search, id, due)
  return call("ZADD", queue(search), "XX", "CH", due, id)
end

function steps.give_back(search, id, due)
  call("HINCRBY", tries(search), id, -1)
  return steps.retry(search, id, due)
end

function steps.rest(search, till)
  call("HSET", FREE, search, till)
  look(search)
end

function steps.drop(search)
  local count = call("ZCARD", queue(search))
  call("DEL", queue(search), deliveries(search), tries(search))
  call("HDEL", FREE, search)
  look(search)
  return count
end

return steps[step](unpack(ARGV, 3))
