-- push: queue URLs of one or more hosts. A URL that is queued or in flight stays as it is. Returns how many were new.
-- KEYS: the keys of all hosts, then one queue for each host.
-- ARGV: due, number of hosts, the hosts, then for each URL: number of its host (from 1), id.
-- The last URL is due at `due`, the ones before it a microsecond earlier each, so that their order is kept.
local due, hosts = number(ARGV[1]), number(ARGV[2])
local first = 3 + hosts
local added = 0
for i = first, #ARGV, 2 do
  local n, id, when = number(ARGV[i]), ARGV[i + 1], due - (#ARGV - i - 1) * 5e-7
  local host, queue = ARGV[2 + n], KEYS[5 + n]
  local earliest = call("ZRANGE", queue, 0, 0, "WITHSCORES")[2]
  if call("ZADD", queue, "NX", when, id) == 1 then
    added = added + 1
    if not earliest or when < number(earliest) then
      call("ZADD", HOSTS, math.max(when, free_at(host)), host)
    end
  end
end
count("urls", added)
return added
