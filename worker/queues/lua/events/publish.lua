-- publish: append events to the stream, all or none. KEYS: the stream. ARGV: length of the stream, fields of each event,
-- then name and value of each field.
-- The stream is cut first: a full Redis takes events only from a script that has freed memory before, and a page leaves
-- the spool that fills Redis only when its events are published.
local words = 2 * tonumber(ARGV[2])
redis.call("XTRIM", KEYS[1], "MAXLEN", "~", ARGV[1])
for i = 3, #ARGV, words do
  redis.call("XADD", KEYS[1], "*", unpack(ARGV, i, i + words - 1))
end
