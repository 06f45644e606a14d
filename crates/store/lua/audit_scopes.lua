-- audit_scopes.lua: scopes, parked or listed as such, at one instant.
-- KEYS[1] counts
-- ARGV[1] namespace  [2..] scopes
-- Returns for each: {scope, 1 = parked, 1 = listed, 1 = held by an operator, 1 = a probe is due, its jobs by the counter,
--         its jobs by what waits for it or '' where jobs are ready in too many lanes}
-- Invariant: reads only.

local reply = {}
for i = 2, #ARGV do
  local scope = ARGV[i]
  local k = key('scope:' .. scope)
  reply[#reply + 1] = { scope, redis.call('EXISTS', k), redis.call('SISMEMBER', key('scopes'), scope), redis.call('HEXISTS', k, 'held'),
    redis.call('ZSCORE', key('errands'), 'probe:' .. scope) and 1 or 0, redis.call('HGET', k, 'jobs') or 0, count_of_scope(scope) or '' }
end
return reply
