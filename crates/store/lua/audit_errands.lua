-- audit_errands.lua: errands at one instant.
-- KEYS[1] counts
-- ARGV[1] namespace  [2..] names
-- Returns {now ms, for each: {name, 1 = a pass is under way, when it is due or its lease ends, Unix ms, or ''}}
-- Invariant: reads only.

local reply = { int(now_us() / 1000) }
for i = 2, #ARGV do
  reply[#reply + 1] = { ARGV[i], redis.call('HEXISTS', key('errand:' .. ARGV[i]), 'page'),
    redis.call('ZSCORE', key('errands'), ARGV[i]) or '' }
end
return reply
