-- renew.lua: extend a claim's lease while its call runs.
-- KEYS[1] counts
-- ARGV[1] namespace  [2] fence  [3] lease, ms  [4] errand name, or ''  [5..] job ids
-- Returns how many leases are still ours.
-- Invariant: an old fence extends nothing; a lease is never shortened.

local now = math.floor(now_us() / 1000)
local ours = 0
for i = 5, #ARGV do
  local v = redis.call('HMGET', key('job:' .. ARGV[i]), 'state', 'fence')
  if v[1] == 'running' and v[2] == ARGV[2] then
    redis.call('ZADD', key('running'), 'GT', int(now + ARGV[3]), ARGV[i])
    ours = ours + 1
  end
end
if ARGV[4] ~= '' and redis.call('HGET', key('errand:' .. ARGV[4]), 'fence') == ARGV[2] then
  redis.call('ZADD', key('errands'), 'GT', int(now + ARGV[3]), ARGV[4])
  ours = ours + 1
end
return ours
