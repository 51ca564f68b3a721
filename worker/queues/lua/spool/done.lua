-- done: forget pages that this lease holds. Returns how many.
-- KEYS: the keys of all pages and of these. ARGV: token, then the ids.
return each_held(ARGV[1], 2, forget)
