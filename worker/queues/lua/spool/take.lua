-- take: lease some of the candidates. A page that was taken before goes alone, because it may have killed its reader.
-- KEYS: the keys of all pages and of the candidates. ARGV: now, limit, length of the lease (s), then the candidates.
-- Returns the token, then attempt (before this one), header and body of each page; nothing if none could be taken.
local now, limit, lease_s = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local chosen, pages = {}, {}
for i = 4, #ARGV do
  local id, page = ARGV[i], KEYS[i + 2]
  local due = call("ZSCORE", AGAIN, id)
  if (due and tonumber(due) <= tonumber(now)) or call("ZSCORE", FRESH, id) then -- not taken by another reader
    local attempt = call("HGET", page, "attempt")
    if not attempt then
      forget(id, page) -- Redis has evicted the page: the sweeper lets it be fetched again
    elseif attempt == "0" and #chosen < limit then
      chosen[#chosen + 1], pages[#pages + 1] = id, page
    elseif attempt ~= "0" and #chosen == 0 then
      chosen, pages = {id}, {page}
      break
    end
  end
end
if #chosen == 0 then return {} end
for _, id in ipairs(chosen) do leave_queues(id) end
local token = call("INCR", TOKEN)
local taken = {token}
for i, id in ipairs(chosen) do
  call("ZADD", LEASED, now + lease_s, id)
  call("HSET", pages[i], "token", token)
  taken[#taken + 1] = call("HINCRBY", pages[i], "attempt", 1) - 1
  taken[#taken + 1] = call("HGET", pages[i], "header")
  taken[#taken + 1] = call("HGET", pages[i], "body")
end
return taken
