-- The outbox. Times are epoch seconds.
--
-- Keys of all searches (KEYS 1 to 4):
--   searches    sorted set  search -> when to check its queue: a delivery is due, and its webhook may be called
--   announced   hash        search -> until when it is not handed out again: a message is on its way to a sender
--   sending     hash        search -> until when the current sender may send
--   paused      hash        search -> until when its webhook is not called
--
-- Keys of one search (KEYS 5 to 7, where a command is about one search):
--   queue       sorted set  delivery -> when it is due; being sent: when its lease ends
--   deliveries  hash        delivery -> the delivery as JSON
--   tries       hash        delivery -> how often it was taken

local call = redis.call
local SEARCHES, ANNOUNCED, SENDING, PAUSED = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local QUEUE, DELIVERIES, TRIES = KEYS[5], KEYS[6], KEYS[7]

local function until_of(key, search) return tonumber(call("HGET", key, search) or "0") end

-- When a sender may begin: no other one sends, and the webhook is not paused.
local function free_at(search) return math.max(until_of(SENDING, search), until_of(PAUSED, search)) end

-- Set when the queue of a search is checked next.
local function schedule(search, queue)
  local first = call("ZRANGE", queue, 0, 0, "WITHSCORES")
  if first[2] then
    call("ZADD", SEARCHES, math.max(tonumber(first[2]), free_at(search), until_of(ANNOUNCED, search)), search)
  else
    call("ZREM", SEARCHES, search)
  end
end

