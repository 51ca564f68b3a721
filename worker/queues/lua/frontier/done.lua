-- done: forget URLs that were fetched or given up. Returns false if the lease is lost.
-- KEYS: the keys of all hosts and of this host. ARGV: host, token, then the ids.
if not holds_lease(ARGV[1], ARGV[2]) then return false end
for i = 3, #ARGV do forget(ARGV[i]) end
return 1
