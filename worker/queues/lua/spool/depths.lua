-- depths: the numbers of waiting and leased pages, and the bytes of both together. KEYS: the keys of all pages.
local bytes = is_empty() and 0 or tonumber(call("HGET", SIZES, "total") or 0)
return {call("ZCARD", FRESH) + call("ZCARD", AGAIN), call("ZCARD", LEASED), bytes}
