-- stats.lua: one consistent look at everything.
-- KEYS[1] counts
-- ARGV[1] namespace
-- Returns {now ms, counts, bucket slots, parked scopes (name, fields), workers, inbox length}.
-- Invariant: reads only.

local SCOPES_MAX = 1000
local parked = {}
for i, scope in ipairs(redis.call('SMEMBERS', key('scopes'))) do
  if i > SCOPES_MAX then break end
  parked[#parked + 1] = { scope, redis.call('HMGET', key('scope:' .. scope), 'reason', 'since', 'link', 'next_probe', 'jobs') }
end
return { int(now_us() / 1000), redis.call('HGETALL', key('counts')), redis.call('HGET', key('bucket'), 'log') or '', parked,
  redis.call('HGETALL', key('workers')), redis.call('LLEN', key('inbox')) }
