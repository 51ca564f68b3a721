-- The outbox: every step of outbox.py, each atomic. ARGV[1] names the step, ARGV[2] is the prefix of keys.
--
--   searches      zset    search -> when to look at its queue: something is due, and it may be sent to
--   queue:S       zset    delivery -> when it is due; being sent: when its lease ends
--   deliveries:S  hash    delivery -> what is to be sent, as JSON
--   tries:S       hash    delivery -> times that it was taken
--   named         hash    search -> until when it is not named again: a message is on its way to a sender
--   turn          hash    search -> until when a turn may last that is under way
--   free          hash    search -> until when its webhook is left in peace
--   mark:M        string  a match that was announced; expires

local step, prefix = ARGV[1], ARGV[2]
local call = redis.call
local SEARCHES, NAMED, TURN, FREE = prefix .. "searches", prefix .. "named", prefix .. "turn", prefix .. "free"

local function queue(search) return prefix .. "queue:" .. search end
local function deliveries(search) return prefix .. "deliveries:" .. search end
local function tries(search) return prefix .. "tries:" .. search end

local function till_of(key, search) return tonumber(call("HGET", key, search) or "0") end

-- When the search may be sent to: no turn is under way, and its webhook is not left in peace.
local function free_at(search) return math.max(till_of(TURN, search), till_of(FREE, search)) end

-- Note when there is something to do for a search again.
local function look(search)
  local first = call("ZRANGE", queue(search), 0, 0, "WITHSCORES")
  if first[2] then
    call("ZADD", SEARCHES, math.max(tonumber(first[2]), free_at(search), till_of(NAMED, search)), search)
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
    call("HSET", NAMED, search, till)
    look(search)
  end
  return found
end

function steps.begin(search, now, till)
  if free_at(search) > tonumber(now) then return false end
  call("HDEL", NAMED, search)
  call("HSET", TURN, search, till)
  look(search)
  return 1
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

function steps.finish(search, till)
  call("HDEL", TURN, search)
  steps.rest(search, till)
end

function steps.rest(search, till)
  call("HSET", FREE, search, till)
  look(search)
end

function steps.drop(search)
  local count = call("ZCARD", queue(search))
  call("DEL", queue(search), deliveries(search), tries(search))
  for _, key in ipairs({NAMED, TURN, FREE}) do call("HDEL", key, search) end
  look(search)
  return count
end

return steps[step](unpack(ARGV, 3))
