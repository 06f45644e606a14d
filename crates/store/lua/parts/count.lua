-- count.lua (part): counting anew what the moves count as they go.
-- KEYS, ARGV as base.lua; needs lanes.lua.   Returns nothing by itself.
-- Invariant: reads only; what is too long for one look is not counted or searched at all.

local HINTS_COUNTED_MAX, NAMES_COUNTED_MAX = 100, 1000
-- Hints of one script that are compared with an id: about a millisecond (20 us a thousand).
local HINTS_SEARCHED_MAX = 50000

-- The ready jobs of a lane by its hints, of which there are no more than the bound; stale and doubled ones count nothing.
-- Nil where a job of a later form is among them: whether that counts is its own version's to say.
local function count_ready(lane)
  local count, seen = 0, {}
  for _, id in ipairs(redis.call('LRANGE', key('lane:' .. lane), 0, HINTS_COUNTED_MAX - 1)) do
    if not seen[id] then
      seen[id] = true
      local v = redis.call('HMGET', key('job:' .. id), 'state', 'lane', 'format')
      if is_newer(v[3]) then return nil end
      if v[1] == 'ready' and v[2] == lane then count = count + 1 end
    end
  end
  return count
end

-- The jobs that wait for a parked scope; nil where jobs are ready in too many lanes.
local function count_of_scope(scope)
  if redis.call('HLEN', key('ready')) > NAMES_COUNTED_MAX then return nil end
  return stopped_by(scope)
end

-- The sum of a hash of counters; nil where it has too many.
local function sum(hash)
  if redis.call('HLEN', key(hash)) > NAMES_COUNTED_MAX then return nil end
  local total = 0
  for _, count in ipairs(redis.call('HVALS', key(hash))) do total = total + count end
  return total
end

-- What every move changes that one of these counts: two equal ones with time between them show that none was made.
local SIGNATURES = {
  counts = function()
    return (redis.call('HGET', key('counts'), 'accepted_total') or '0') .. ' ' .. redis.call('ZCARD', key('jobs'))
  end,
  ['failed:codes'] = function()
    local last = redis.call('ZRANGE', key('failed'), -1, -1, 'WITHSCORES')
    return redis.call('ZCARD', key('failed')) .. ' ' .. (last[1] or '') .. ' ' .. (last[2] or '')
  end,
}
