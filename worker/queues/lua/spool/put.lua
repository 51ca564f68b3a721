-- put: let a page wait. Returns 1, or 0 if this crawl of the page or a later one is there already.
-- KEYS: the keys of all pages and of this page. ARGV: id, crawl, time of the fetch, header, body.
local id, crawl, fetched, header, body = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local page = KEYS[6]
if contains(id, page) and tonumber(call("HGET", page, "crawl")) >= tonumber(crawl) then return 0 end
call("HINCRBY", SIZES, "total", 0) -- a full Redis refuses this, before anything has changed
forget(id, page)
if is_empty() then call("DEL", SIZES) end -- what it still counts has lost its queue
local size = #header + #body
call("HSET", page, "crawl", crawl, "header", header, "body", body, "attempt", 0)
call("HSET", SIZES, id, size)
call("HINCRBY", SIZES, "total", size)
call("ZADD", FRESH, fetched, id)
return 1
