-- announce: publish a match and queue its delivery, both or neither.
-- KEYS: the keys of all searches and of this one, then the mark of the match and the event stream.
-- ARGV: search, seconds that the match is remembered, length of the stream, delivery id, delivery as JSON (empty if the
-- search has no webhook), due, longest queue, then the fields of the event.
-- Returns "queued", "announced" (no webhook), "full" (announced, but the queue is full) or "known" (announced before).
local search, mark, stream = ARGV[1], KEYS[8], KEYS[9]
if not call("SET", mark, 1, "NX", "EX", ARGV[2]) then return "known" end
call("XADD", stream, "MAXLEN", "~", ARGV[3], "*", unpack(ARGV, 8))
if ARGV[5] == "" then return "announced" end
if call("HLEN", DELIVERIES) >= tonumber(ARGV[7]) then return "full" end
call("HSET", DELIVERIES, ARGV[4], ARGV[5])
call("ZADD", QUEUE, ARGV[6], ARGV[4])
schedule(search, QUEUE)
return "queued"
