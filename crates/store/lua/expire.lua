-- expire.lua: remove finished jobs whose time is over, with all that belongs to them.
-- KEYS[1] counts
-- ARGV[1] namespace  [2] keep done, ms  [3] keep failed and cancelled, ms  [4] keep keys, ms  [5] most jobs in this call
-- Returns how many were removed; as many as the bound = ask again.
-- Invariant: accepted stays the sum of all states; a removed job's key still answers `duplicate` for its time.

local now = math.floor(now_us() / 1000)
local left = tonumber(ARGV[5])
for _, state in ipairs({ 'done', 'failed', 'cancelled' }) do
  local keep = state == 'done' and ARGV[2] or ARGV[3]
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', key(state), '-inf', int(now - keep), 'LIMIT', 0, left)) do
    left = left - 1
    local k = key('job:' .. id)
    local v = fields(id, 'state', 'kind', 'key', 'failed_as')
    redis.call('ZREM', key(state), id)
    if v[1] == state or is_stateless(v[1], v[2]) then
      leave(id, state, { failed_as = v[4] })
      local kind = 'kind:' .. (v[2] or '')
      if redis.call('HEXISTS', key('counts'), kind) == 1 then redis.call('HINCRBY', key('counts'), kind, -1) end
      redis.call('ZREM', key('jobs'), id)
      redis.call('UNLINK', k, key('history:' .. id))
      local key_name = key('key:' .. (v[2] or '') .. ':' .. (v[3] or ''))
      if (v[3] or '') ~= '' and redis.call('GET', key_name) == id then redis.call('PEXPIRE', key_name, ARGV[4]) end
    end
  end
  if left == 0 then break end
end
return ARGV[5] - left
