-- hand_back.lua: give a claim back unused; nothing was sent.
-- KEYS[1] counts
-- ARGV[1] namespace  [2] fence  [3] errand name, or ''  [4] scope that the claim was to try, or ''
--      [5] lease end ms as granted  [6..] job ids
-- Returns how many jobs went back.
-- Invariant: a hand-back counts no attempt and keeps the jobs' order at the head of their lane.

local BACK = { to = 'ready', set = {}, del = {}, front = true, attempts = 'restore', history = '{"event":"handed_back"}' }
local now = math.floor(now_us() / 1000)
local count = 0
for i = #ARGV, 6, -1 do
  local v = redis.call('HMGET', key('job:' .. ARGV[i]), 'state', 'fence')
  if v[1] == 'running' and v[2] == ARGV[2] then
    transition(ARGV[i], BACK, now)
    count = count + 1
  end
end
if ARGV[3] ~= '' and redis.call('HGET', key('errand:' .. ARGV[3]), 'fence') == ARGV[2] then
  redis.call('HDEL', key('errand:' .. ARGV[3]), 'fence')
  redis.call('ZADD', key('errands'), int(now), ARGV[3])
  wake()
end
end_probe(ARGV[4], ARGV[5])
return count
