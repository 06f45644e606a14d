-- resume.lua: let a scope's work go on.
-- KEYS[1] counts
-- ARGV[1] namespace  [2] scope  [3] most jobs and lanes to move now  [4] 1 = a probe found it healed
-- Returns {1 it was parked or 0, 1 more is left (claims move it too; ask again to hasten it) or 0}.
-- Invariant: the scope is no longer parked after the first call, whatever is left to move; what an operator holds is
-- lifted by no probe, not even by one that was under way before.

local scope, now = ARGV[2], math.floor(now_us() / 1000)
if ARGV[4] == '1' and redis.call('HEXISTS', key('scope:' .. scope), 'held') == 1 then return { 0, 0 } end
local was = redis.call('DEL', key('scope:' .. scope))
redis.call('SREM', key('scopes'), scope)
redis.call('ZREM', key('errands'), 'probe:' .. scope)
redis.call('DEL', key('errand:probe:' .. scope))
if was == 1 then
  redis.call('SADD', key('resuming'), scope)
  tell('resumed', '', '', '', { 'scope', scope })
end
local more = redis.call('SISMEMBER', key('resuming'), scope) == 1 and resume_some(scope, now, tonumber(ARGV[3]))
wake()
return { was, more and 1 or 0 }
