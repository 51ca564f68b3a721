-- retry: let a URL that was taken wait until a time. Returns false if the lease is lost.
-- KEYS: the keys of all hosts and of this host. ARGV: host, token, id, due.
if not holds_lease(ARGV[1], ARGV[2]) then return false end
call("ZADD", QUEUE, "XX", ARGV[4], ARGV[3])
count("in_flight", -call("HDEL", FLIGHT, ARGV[3]))
return 1
