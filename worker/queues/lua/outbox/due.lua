-- due: of some candidates, hand out the searches that are still due, and not again until a time. Returns searches.
-- KEYS: the keys of all searches, then the queue of each candidate. ARGV: now, until, then the candidates.
local now, till = tonumber(ARGV[1]), ARGV[2]
local found = {}
for i = 3, #ARGV do
  local search = ARGV[i]
  local check = call("ZSCORE", SEARCHES, search)
  if check and tonumber(check) <= now then -- not handed out to another caller in the meantime
    call("HSET", ANNOUNCED, search, till)
    schedule(search, KEYS[i + 2])
    found[#found + 1] = search
  end
end
return found
