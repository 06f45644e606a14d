-- settle.lua: end a claim: each job moves as decided, if the lease is still ours.
-- KEYS[1] counts
-- ARGV[1] namespace  [2] fence  [3] scope that the claim was to try, or ''  [4] lease end ms as granted
--      [5..] for each job: id, transition (JSON)
-- Returns for each job 1 moved, 0 lost: the fence is old or the claim was settled before.
-- Invariant: nothing is settled under an old fence; a repeated settle moves nothing twice; jobs that go back to a lane
-- keep their order.

local now = math.floor(now_us() / 1000)
local moved, heads = {}, {}

local function settle(id, t)
  redis.call('HDEL', key('job:' .. id), 'deaths')
  -- Others that go alone may be waiting for this one.
  if redis.call('HDEL', key('job:' .. id), 'alone') == 1 then wake() end
  transition(id, t, now)
end

for i = 5, #ARGV, 2 do
  local v = redis.call('HMGET', key('job:' .. ARGV[i]), 'state', 'fence')
  local ours = v[1] == 'running' and v[2] == ARGV[2]
  moved[#moved + 1] = ours and 1 or 0
  if ours then
    local t = cjson.decode(ARGV[i + 1])
    if t.front then heads[#heads + 1] = { ARGV[i], t } else settle(ARGV[i], t) end
  end
end
-- From the last to the first, because each goes before what stands at the head.
for i = #heads, 1, -1 do settle(heads[i][1], heads[i][2]) end
end_probe(ARGV[3], ARGV[4])
return moved
