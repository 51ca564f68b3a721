-- record_failure: count a failure of a host, and pause the host if it requested that (Retry-After) or has failed too often.
-- KEYS: the keys of all hosts and of this host.
-- ARGV: host, now, 1 for a first try or 0, failures from which it is paused, first pause (s), longest pause (s),
-- pause that the host requested (s) or 0, reason. Returns the end of the pause, or false.
local host, now, first_try, limit = ARGV[1], number(ARGV[2]), ARGV[3], number(ARGV[4])
local pause_s, longest_s, requested_s, reason = number(ARGV[5]), number(ARGV[6]), number(ARGV[7]), ARGV[8]
local beyond = call("INCRBY", FAILURES, first_try) - limit
call("EXPIRE", FAILURES, math.ceil(2 * longest_s))
local wait = requested_s
if beyond >= 0 and first_try == "1" then
  wait = math.max(wait, math.min(pause_s * 2 ^ beyond, longest_s))
end
if wait == 0 then return false end
local till = string.format("%.3f", math.max(now + wait, paused_until(host)))
pause(host, till, reason)
return till
