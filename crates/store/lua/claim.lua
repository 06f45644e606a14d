-- claim.lua: ONE round trip = permission for one vendor call, with the work it serves.
-- KEYS[1] counts
-- ARGV[1] namespace  [2] claim token  [3] worker  [4] lease, ms  [5] calls per second (0 = no limit)  [6] lead, us
--      [7] spread, us  [8] least pause between passes of an errand, ms  [9] longest age of the catalogue, ms
--      [10] class=weight,…  [11] endpoint=units,… (1 where not named)
-- Returns {'wait', now us, ms until something is due, lines in the inbox}
--       | {'jobs' | 'errand', now us, slot us, spread us, fence, lease end ms, probed scope or '', inbox, …}; then for jobs: lane,
--         most units, a list of fields for each job; for an errand: name, and its fields in pairs.
-- Invariant: a token is spent only together with the work it is for; the same claim token gets the same answer.

local IDLE_MAX_MS = 2000
local JOB_FIELDS = { 'kind', 'key', 'remark', 'state', 'step', 'attempts', 'version', 'deaths', 'max_batch', 'created_ms', 'payload',
  'memory', 'result', 'format' }

local now = now_us()
local now_ms = math.floor(now / 1000)
local inbox = redis.call('LLEN', key('inbox'))
local claim_key = key('claim:' .. ARGV[2])

local function answer(v)
  local c = cjson.decode(v)
  local reply = { c.errand and 'errand' or 'jobs', int(now), c.slot, c.spread, c.fence, c.lease_until, c.probe or '', inbox }
  if c.errand then
    reply[#reply + 1] = c.errand
    reply[#reply + 1] = redis.call('HGETALL', key('errand:' .. c.errand))
    reply[#reply + 1] = redis.call('ZRANGE', key('wait:' .. c.errand), 0, 0, 'WITHSCORES')[2] or ''
    reply[#reply + 1] = redis.call('HGET', key('scope:' .. (c.probe or '')), 'need') or ''
    return reply
  end
  reply[#reply + 1] = c.lane
  reply[#reply + 1] = c.units
  local jobs = {}
  for _, id in ipairs(c.jobs) do
    local fields = redis.call('HMGET', key('job:' .. id), unpack(JOB_FIELDS))
    table.insert(fields, 1, id)
    jobs[#jobs + 1] = fields
  end
  reply[#reply + 1] = jobs
  return reply
end

local repeated = redis.call('GET', claim_key)
if repeated then return answer(repeated) end

local lead, spread = bounded(tonumber(ARGV[6]), tonumber(ARGV[7]))
local slot, record = next_slot(now, tonumber(ARGV[5]), lead)
if slot - now - lead > HORIZON_US then
  -- A window of silence has to stand on record, or every claim would begin it anew.
  if not record.known then save_slots(now, record) end
  return { 'wait', int(now), math.ceil((slot - now - lead - HORIZON_US) / 1000), inbox }
end

local gap_ms = tonumber(ARGV[8])
promote(now_ms, gap_ms)

local c = { token = ARGV[2], worker = ARGV[3], now_ms = now_ms, jobs = {}, stale = 0, aside = 0, batch = {}, more = false }
c.lease_until_ms = math.floor(slot / 1000) + ARGV[4]
for endpoint, units in string.gmatch(ARGV[11], '([^=,]+)=(%d+)') do c.batch[endpoint] = tonumber(units) end
c.catalogue_fresh = function()
  local fetched = tonumber(redis.call('HGET', key('catalogue'), 'fetched_ms') or '')
  if fetched and now_ms - fetched <= tonumber(ARGV[9]) then return true end
  -- One that is asked for already keeps its time: it may be in flight, or put off after a fault.
  if not redis.call('ZSCORE', key('errands'), 'catalogue') then request_errand('catalogue', now_ms, 0) end
  return false
end

-- Stride scheduling: of the classes that have work now, the one that is furthest behind its share.
local classes, weight, errands = {}, {}, {}
for class, w in string.gmatch(ARGV[10], '([^=,]+)=(%d+)') do
  weight[class] = tonumber(w)
  if redis.call('LLEN', key('ring:' .. class)) > 0 then classes[class] = true end
end
for _, name in ipairs(due_errands(now_ms)) do
  local class = errand_class(name)
  if not string.find(name, '^probe:') then redis.call('HDEL', key('errand:' .. name), 'fence') end
  errands[class] = errands[class] or {}
  table.insert(errands[class], name)
  classes[class] = true
end

-- An idle claim writes nothing, so that it costs no flush to disk. A fence is no less than the time, because a failover
-- may lose the last ones: counted alone they would be granted a second time.
if next(classes) then
  c.fence = int(math.max(now, tonumber(redis.call('GET', key('fence')) or 0) + 1))
  redis.call('SET', key('fence'), c.fence)
end

local passes = redis.call('HGETALL', key('passes'))
local pass = {}
for i = 1, #passes, 2 do pass[passes[i]] = tonumber(passes[i + 1]) end
local virtual = pass.virtual or 0

local function take(class)
  local mine = errands[class] or {}
  -- Lanes and errands of a class take turns, so that a long sweep starves no look-up of a shipment.
  local lanes_first = #mine > 0 and redis.call('HINCRBY', key('passes'), 'turn:' .. class, 1) % 2 == 0
  if lanes_first and take_lane(class, c) then return true end
  for _, name in ipairs(mine) do
    if take_errand(name, c) then return true end
  end
  return not lanes_first and take_lane(class, c)
end

for _ = 1, 8 do
  local best, best_pass
  for class in pairs(classes) do
    local p = math.max(pass[class] or 0, virtual)
    if not best or p < best_pass or (p == best_pass and weight[class] > weight[best]) then best, best_pass = class, p end
  end
  if not best then break end
  if take(best) then
    redis.call('HSET', key('passes'), 'virtual', string.format('%.6f', best_pass), best, string.format('%.6f', best_pass + 1 / weight[best]))
    reserve_slot(now, slot, spread, record)
    local made = cjson.encode({ errand = c.errand, probe = c.probe, lane = c.lane, units = c.units, jobs = c.jobs, slot = int(slot), spread = int(spread),
      fence = c.fence, lease_until = int(c.lease_until_ms) })
    redis.call('SET', claim_key, made, 'PX', ARGV[4])
    return answer(made)
  end
  classes[best] = nil
end

local wait = IDLE_MAX_MS
if c.more then wait = 0 end
for _, set in ipairs({ 'scheduled', 'waiting', 'running', 'errands' }) do
  local first = redis.call('ZRANGE', key(set), 0, 0, 'WITHSCORES')
  if first[2] then wait = math.min(wait, math.max(0, tonumber(first[2]) - now_ms)) end
end
return { 'wait', int(now), wait, inbox }
