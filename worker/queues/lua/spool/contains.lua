-- contains: the ids whose pages wait or are being read.
-- KEYS: the keys of all pages and of these. ARGV: the ids.
local found = {}
for i, id in ipairs(ARGV) do
  if contains(id, KEYS[5 + i]) then found[#found + 1] = id end
end
return found
