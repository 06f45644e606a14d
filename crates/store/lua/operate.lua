-- operate.lua: an operator's move: retry or cancel.
-- KEYS[1] counts
-- ARGV[1] namespace  [2..] for each job: id, version, transition (JSON)
-- Returns for each job 1 moved, 0 it has moved on since it was read, -1 its key belongs to a newer job.
-- Invariant: what a worker holds is never moved from outside; a gift order gives its key up only where this Redis knows
-- that nothing of it can be paid.

local now = math.floor(now_us() / 1000)
local moved = {}
for i = 2, #ARGV, 3 do
  local v = redis.call('HMGET', key('job:' .. ARGV[i]), 'state', 'version', 'replaced_by', 'kind', 'entered_run')
  local move = cjson.decode(ARGV[i + 2])
  if not v[1] or v[1] == 'running' or v[2] ~= ARGV[i + 1] then moved[#moved + 1] = 0
  elseif v[3] and move.to ~= 'cancelled' then moved[#moved + 1] = -1
  else
    redis.call('HDEL', key('job:' .. ARGV[i]), 'deaths', 'alone')
    -- An earlier Redis may have known of a payment that this one does not: the key is not given up to be bought again.
    if move.to == 'cancelled' and v[4] == 'gift.order' and v[5] ~= run_id() then move.set.hold = 'unknown' end
    transition(ARGV[i], move, now)
    moved[#moved + 1] = 1
  end
end
return moved
