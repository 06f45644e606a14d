-- turn_page.lua: end an errand's call: to its next page, or to its end.
-- KEYS[1] counts
-- ARGV[1] namespace  [2] errand  [3] fence  [4] next page ('' = the pass is over)  [5] delay until then, ms
--      [6] scope that the claim was to try, or ''  [7] lease end ms as granted  [8..] fields and values to keep on the errand
-- Returns 1 turned, 0 the fence is old.
-- Invariant: at most one call of an errand is in flight; what was asked for meanwhile is not forgotten.

local name, now = ARGV[2], math.floor(now_us() / 1000)
local k = key('errand:' .. name)
if redis.call('HGET', k, 'fence') ~= ARGV[3] then return 0 end
redis.call('HDEL', k, 'fence')
redis.call('HSET', k, unpack(ARGV, 8))
if ARGV[4] ~= '' then
  redis.call('HSET', k, 'page', ARGV[4])
  redis.call('ZADD', key('errands'), int(now + ARGV[5]), name)
else
  redis.call('HDEL', k, 'page')
  redis.call('DEL', key('seen:' .. name))
  local again = redis.call('HGET', k, 'again_ms')
  redis.call('HDEL', k, 'again_ms')
  if again then redis.call('ZADD', key('errands'), again, name)
  -- Of a probe that is when the next one is due.
  elseif not string.find(name, '^probe:') then redis.call('ZREM', key('errands'), name) end
end
end_probe(ARGV[6], ARGV[7])
wake()
return 1
