-- settle.lua: end a claim: each job moves as decided, if the lease is still ours.
-- KEYS[1] counts
-- ARGV[1] namespace  [2] fence  [3..] for each job: id, transition (JSON)
-- Returns for each job 1 moved, 0 lost: the fence is old or the claim was settled before.
-- Invariant: nothing is settled under an old fence; a repeated settle moves nothing twice.

local now = math.floor(now_us() / 1000)
local moved = {}
-- From the last to the first: jobs that go back to the head of their lane keep their order.
for i = #ARGV - 1, 3, -2 do
  local v = redis.call('HMGET', key('job:' .. ARGV[i]), 'state', 'fence')
  local ours = v[1] == 'running' and v[2] == ARGV[2]
  if ours then
    redis.call('HDEL', key('job:' .. ARGV[i]), 'deaths', 'alone')
    transition(ARGV[i], cjson.decode(ARGV[i + 1]), now)
  end
  moved[(i - 1) / 2] = ours and 1 or 0
end
return moved
