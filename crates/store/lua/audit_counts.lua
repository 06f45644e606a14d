-- audit_counts.lua: the counters, and the sizes of what they count, at one instant.
-- KEYS[1] counts
-- ARGV[1] namespace
-- Returns {now us, counters, jobs, {state, members, …}, sum of ready jobs by lane or '', sum of failed jobs by code or '',
--         failed jobs by code, signature of the counters, signature of the codes, bucket slots,
--         how long after each its call may leave}
-- Invariant: reads only.

local sets = {}
for _, state in ipairs(STATES_WITH_SET) do
  sets[#sets + 1] = state
  sets[#sets + 1] = redis.call('ZCARD', key(state))
end
local failed = sum('failed:codes')
return { int(now_us()), redis.call('HGETALL', key('counts')), redis.call('ZCARD', key('jobs')), sets, sum('ready') or '', failed or '',
  failed and redis.call('HGETALL', key('failed:codes')) or {}, SIGNATURES.counts(), SIGNATURES['failed:codes'](),
  redis.call('HGET', key('bucket'), 'log') or '', redis.call('HGET', key('bucket'), 'spread') or '' }
