-- give_back: let pages that this lease holds wait until a time, as if they had not been taken. Returns how many.
-- KEYS: the keys of all pages and of these. ARGV: token, due, then the ids.
return each_held(ARGV[1], 3, function(id, page)
  leave_queues(id)
  call("HDEL", page, "token")
  call("HINCRBY", page, "attempt", -1)
  call("ZADD", AGAIN, ARGV[2], id)
end)
