-- probe.lua (part): the end of a call that was to try a parked scope.
-- KEYS, ARGV as base.lua.   Returns nothing by itself.
-- Invariant: a scope is tried by one call at a time; a claim ends its own probe and nobody else's.

-- `scope` is '' where the claim tried none; `lease_until_ms` is as granted. The next probe need not wait for that time.
local function end_probe(scope, lease_until_ms)
  local k = key('scope:' .. scope)
  if scope ~= '' and redis.call('HGET', k, 'probing') == lease_until_ms then redis.call('HDEL', k, 'probing') end
end
