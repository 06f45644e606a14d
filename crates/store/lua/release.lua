-- release.lua: let jobs that waited for an errand go on, because its answer now stands in Redis.
-- KEYS[1] counts
-- ARGV[1] namespace  [2] errand  [3] most jobs to release
-- Returns how many were released; as many as the bound = ask again. Those of a later form are left to its workers.
-- Invariant: only jobs that wait for this very errand move.

local RELEASED = { to = 'ready', set = {}, del = {}, front = false, attempts = 'keep', history = '{"event":"released"}' }
local now = math.floor(now_us() / 1000)
local left = 0
local ids = redis.call('ZRANGE', key('wait:' .. ARGV[2]), 0, ARGV[3] - 1)
for _, id in ipairs(ids) do
  local v = fields(id, 'state', 'errand', 'format')
  local is_here = v[1] == 'waiting' and v[2] == ARGV[2]
  if is_here and is_newer(v[3]) then
    left = left + 1
  elseif is_here then
    transition(id, RELEASED, now)
  else
    redis.call('ZREM', key('wait:' .. ARGV[2]), id)
  end
end
return #ids - left
