-- operate.lua: an operator's move: retry or cancel.
-- KEYS[1] counts
-- ARGV[1] namespace  [2..] for each job: id, version, transition (JSON)
-- Returns for each job 1 moved, 0 it has moved on since it was read, -1 its key belongs to a newer job.
-- Invariant: what a worker holds is never moved from outside.

local now = math.floor(now_us() / 1000)
local moved = {}
for i = 2, #ARGV, 3 do
  local v = redis.call('HMGET', key('job:' .. ARGV[i]), 'state', 'version', 'replaced_by')
  local move = cjson.decode(ARGV[i + 2])
  if not v[1] or v[1] == 'running' or v[2] ~= ARGV[i + 1] then moved[#moved + 1] = 0
  elseif v[3] and move.to ~= 'cancelled' then moved[#moved + 1] = -1
  else
    redis.call('HDEL', key('job:' .. ARGV[i]), 'deaths', 'alone')
    transition(ARGV[i], move, now)
    moved[#moved + 1] = 1
  end
end
return moved
