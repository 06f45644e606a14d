-- resume.lua (part): work of a scope that is no longer parked goes back to where claims find it.
-- KEYS, ARGV as base.lua; needs spoilt.lua.   Returns nothing by itself.
-- Invariant: a scope in `resuming` is not parked; it stays there until nothing of it is left aside.

local RESUMED = { to = 'ready', set = {}, del = { 'code', 'msg', 'class', 'advice' }, front = true, attempts = 'keep', history = '{"event":"resumed"}' }

-- Moves at most `bound` jobs and lanes; answers whether another call would move more.
local function resume_some(scope, now_ms, bound)
  local left, newer = bound, 0
  for _, lane in ipairs(redis.call('SRANDMEMBER', key('aside:' .. scope), bound)) do
    redis.call('SREM', key('aside:' .. scope), lane)
    left = left - 1
    -- A hand may have put there what is no lane.
    if lane_parts(lane) and redis.call('LLEN', key('lane:' .. lane)) > 0 then
      redis.call('HSET', key('lanes'), lane, 'ring')
      redis.call('RPUSH', ring_of(lane), lane)
    else
      redis.call('HDEL', key('lanes'), lane)
    end
  end
  if left > 0 then
    for _, id in ipairs(redis.call('SRANDMEMBER', key('blocked:' .. scope), left)) do
      left = left - 1
      local v = fields(id, 'state', 'scope', 'kind', 'key', 'format')
      local is_here = v[1] == 'parked' and v[2] == scope
      if is_here and is_newer(v[5]) then
        newer = newer + 1
      else
        redis.call('SREM', key('blocked:' .. scope), id)
      end
      if is_here and not is_newer(v[5]) then
        transition(id, RESUMED, now_ms)
        tell('resumed', id, v[3] or '', v[4] or '', { 'scope', scope })
      elseif is_stateless(v[1], v[3]) then
        condemn(id, 'its state', now_ms)
      elseif v[1] == 'parked' and redis.call('SISMEMBER', key('blocked:' .. (v[2] or '')), id) == 0 then
        condemn(id, 'its scope', now_ms)
      end
    end
  end
  -- Those of a later form are left to its workers, for whom the scope has to stay here.
  if left == 0 or newer > 0 then return newer < bound - left end
  redis.call('SREM', key('resuming'), scope)
  return false
end
