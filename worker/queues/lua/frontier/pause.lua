-- pause: visit a host no more until a time.
-- KEYS: the keys of all hosts and of this host. ARGV: host, until, reason.
pause(ARGV[1], ARGV[2], ARGV[3])
return 1
