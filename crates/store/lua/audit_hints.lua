-- audit_hints.lua: whether ready jobs stand in their lanes.
-- KEYS[1] counts
-- ARGV[1] namespace  [2..] ids
-- Returns for each id: {id, lane} of a ready job without a hint, or {} of any other and of one of a later form.
-- Invariant: reads only.

-- Where a hint stands that was pushed while the audit looked elsewhere; only then is the whole lane searched.
local NEAR = 1000
local missing = {}
for i = 2, #ARGV do
  local v = redis.call('HMGET', key('job:' .. ARGV[i]), 'state', 'lane', 'format')
  local lost = {}
  if v[1] == 'ready' and not is_newer(v[3]) then
    local list = key('lane:' .. (v[2] or ''))
    local found = redis.call('LPOS', list, ARGV[i], 'MAXLEN', NEAR) or redis.call('LPOS', list, ARGV[i], 'RANK', -1, 'MAXLEN', NEAR)
      or redis.call('LPOS', list, ARGV[i])
    if not found then lost = { ARGV[i], v[2] or '' } end
  end
  missing[#missing + 1] = lost
end
return missing
