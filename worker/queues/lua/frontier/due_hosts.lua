-- due_hosts: of some candidates, choose those to visit now, and correct the next check of the others. Returns hosts.
-- KEYS: the keys of all hosts, then the queue of each candidate.
-- ARGV: now, limit, the next check of a chosen host, then the candidates.
local now, limit, again = number(ARGV[1]), number(ARGV[2]), ARGV[3]
local chosen = {}
for i = 4, #ARGV do
  local host, queue = ARGV[i], KEYS[i + 2]
  local check = call("ZSCORE", HOSTS, host)
  if check and number(check) <= now then -- not chosen by another caller in the meantime
    local _, till = lease_of(host)
    local ready = ready_at(host, queue)
    if till > now then
      call("ZADD", HOSTS, till, host)
    elseif not ready then
      local free = free_at(host)
      if free > now then
        call("ZADD", HOSTS, free, host)
      else
        call("ZREM", HOSTS, host)
        call("HDEL", ALLOWED, host)
        call("HDEL", LEASES, host)
        call("HDEL", PAUSES, host)
      end
    elseif ready > now then
      call("ZADD", HOSTS, ready, host)
    elseif #chosen < limit then
      call("ZADD", HOSTS, again, host)
      chosen[#chosen + 1] = host
    end
  end
end
return chosen
