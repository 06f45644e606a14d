-- observe.lua: give waiting jobs what an errand saw.
-- KEYS[1] counts
-- ARGV[1] namespace  [2] errand whose pass has now met these jobs, or ''
--      [3..] for each job: id, step, version, transition (JSON; '' = met, but nothing changes)
-- Returns for each job 1 moved, 0 it had moved on.
-- Invariant: an observation made under an older version of the job does nothing.

local now = math.floor(now_us() / 1000)
local moved = {}
for i = 3, #ARGV, 4 do
  local v = redis.call('HMGET', key('job:' .. ARGV[i]), 'state', 'step', 'version')
  local same = v[1] == 'waiting' and v[2] == ARGV[i + 1] and v[3] == ARGV[i + 2]
  if ARGV[2] ~= '' then redis.call('SADD', key('seen:' .. ARGV[2]), ARGV[i]) end
  if same and ARGV[i + 3] ~= '' then transition(ARGV[i], cjson.decode(ARGV[i + 3]), now) end
  moved[#moved + 1] = same and 1 or 0
end
return moved
