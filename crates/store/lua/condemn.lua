-- condemn.lua: waiting jobs that cannot be read go to a person.
-- KEYS[1] counts
-- ARGV[1] namespace  [2..] for each job: id, what is wrong with it
-- Returns for each job 1 moved, 0 it waits no more or is of a later form.
-- Invariant: what a worker holds is never moved from outside.

local now = math.floor(now_us() / 1000)
local moved = {}
for i = 2, #ARGV, 2 do
  local v = fields(ARGV[i], 'state', 'format')
  local waits = v[1] == 'waiting' and not is_newer(v[2])
  if waits then condemn(ARGV[i], ARGV[i + 1], now) end
  moved[#moved + 1] = waits and 1 or 0
end
return moved
