-- begin.lua: the last gate before the first byte: intent on record, or no call.
-- KEYS[1] counts
-- ARGV[1] namespace  [2] fence  [3] lease that must be left, ms  [4] lane  [5] scope that this call probes, or ''
--      [6..] for each job: id, intent (JSON), what to do should the worker die (transition JSON),
--            1 = counts as an attempt, 1 = has to be looked up first after a failover
-- Returns {'granted'} | {'lost'} | {'short'} | {'parked', scope} | {'failover', id, …}
-- Invariant: no call with an effect leaves without a durable intent of the same attempt; an old fence begins nothing.

local fence = ARGV[2]
local now = math.floor(now_us() / 1000)

for i = 6, #ARGV, 5 do
  local v = redis.call('HMGET', key('job:' .. ARGV[i]), 'state', 'fence')
  if v[1] ~= 'running' or v[2] ~= fence then return { 'lost' } end
  if tonumber(redis.call('ZSCORE', key('running'), ARGV[i]) or 0) - now < tonumber(ARGV[3]) then return { 'short' } end
end
for _, scope in ipairs(lane_scopes(ARGV[4])) do
  local tried = scope == ARGV[5] and redis.call('HEXISTS', key('scope:' .. scope), 'held') == 0
  if not tried and is_parked(scope) then return { 'parked', scope } end
end
local failover, run = { 'failover' }, run_id()
for i = 6, #ARGV, 5 do
  if ARGV[i + 4] == '1' and redis.call('HGET', key('job:' .. ARGV[i]), 'entered_run') ~= run then
    failover[#failover + 1] = ARGV[i]
  end
end
if #failover > 1 then return failover end
for i = 6, #ARGV, 5 do
  local k = key('job:' .. ARGV[i])
  -- A repeated begin of the same claim (its first reply was lost) counts no second attempt.
  if not redis.call('HGET', k, 'begun') then
    redis.call('HINCRBY', k, 'attempts', ARGV[i + 3])
    redis.call('HSET', k, 'begun', ARGV[i + 3], 'begun_ms', int(now), 'intent', ARGV[i + 1], 'on_death', ARGV[i + 2])
    -- A probe is one of many a day, and a history is bounded: it is told of once it has led to something.
    if ARGV[i + 3] == '1' then remember(ARGV[i], now, ARGV[i + 1]) end
  end
end
return { 'granted' }
