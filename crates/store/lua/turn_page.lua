-- turn_page.lua: end an errand's call: to its next page, or to its end.
-- KEYS[1] counts
-- ARGV[1] namespace  [2] errand  [3] fence  [4] next page ('' = the pass is over)  [5] delay until then, ms
--      [6..] fields and values to keep on the errand
-- Returns 1 turned, 0 the fence is old.
-- Invariant: at most one call of an errand is in flight; what was asked for meanwhile is not forgotten.

local name, now = ARGV[2], math.floor(now_us() / 1000)
local probed = string.match(name, '^probe:(.*)$')
local k = key('errand:' .. name)
if redis.call('HGET', k, 'fence') ~= ARGV[3] then return 0 end
redis.call('HDEL', k, 'fence')
redis.call('HSET', k, unpack(ARGV, 6))
if ARGV[4] ~= '' then
  redis.call('HSET', k, 'page', ARGV[4])
  redis.call('ZADD', key('errands'), int(now + ARGV[5]), name)
else
  redis.call('HDEL', k, 'page')
  redis.call('DEL', key('seen:' .. name))
  local again = redis.call('HGET', k, 'again_ms')
  redis.call('HDEL', k, 'again_ms')
  if again then redis.call('ZADD', key('errands'), again, name)
  elseif not probed then redis.call('ZREM', key('errands'), name)
  else redis.call('HDEL', key('scope:' .. probed), 'probing') end
end
wake()
return 1
