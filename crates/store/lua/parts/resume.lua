-- resume.lua (part): work of a scope that is no longer parked goes back to where claims find it.
-- KEYS, ARGV as base.lua; needs transition.lua.   Returns nothing by itself.
-- Invariant: a scope in `resuming` is not parked; it stays there until nothing of it is left aside.

local RESUMED = { to = 'ready', set = {}, del = { 'code', 'msg', 'class', 'advice' }, front = true, attempts = 'keep', history = '{"event":"resumed"}' }

-- Moves at most `bound` jobs and lanes; answers whether anything may be left.
local function resume_some(scope, now_ms, bound)
  local left = bound
  for _, lane in ipairs(redis.call('SRANDMEMBER', key('aside:' .. scope), bound)) do
    redis.call('SREM', key('aside:' .. scope), lane)
    left = left - 1
    if redis.call('LLEN', key('lane:' .. lane)) > 0 then
      redis.call('HSET', key('lanes'), lane, 'ring')
      redis.call('RPUSH', ring_of(lane), lane)
    else
      redis.call('HDEL', key('lanes'), lane)
    end
  end
  if left > 0 then
    for _, id in ipairs(redis.call('SRANDMEMBER', key('blocked:' .. scope), left)) do
      redis.call('SREM', key('blocked:' .. scope), id)
      left = left - 1
      local v = redis.call('HMGET', key('job:' .. id), 'state', 'scope', 'kind', 'key')
      if v[1] == 'parked' and v[2] == scope then
        transition(id, RESUMED, now_ms)
        tell('resumed', id, v[3], v[4] or '', { 'scope', scope })
      end
    end
  end
  if left == 0 then return true end
  redis.call('SREM', key('resuming'), scope)
  return false
end
