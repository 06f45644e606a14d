-- take.lua (part): the jobs, or the errand, that one call can serve.
-- KEYS, ARGV as base.lua; needs promote.lua.   Returns nothing by itself.
-- Invariant: what is taken is leased under the claim's fence; a hint whose job has moved on is dropped.

local STALE_MAX, ASIDE_MAX, LANES_MAX = 20, 10, 10
local JOBS_MAX, PAYLOAD_MAX = 100, 1048576
local PROBE_MAX_MS = 60000

local ERRAND_ENDPOINTS = {
  orders = { 'get-order-list' },
  packages = { 'get-package-list' },
  catalogue = { 'list-warehouse', 'get-product-list' },
}
local ERRAND_CLASS = { orders = 'reconcile', packages = 'poll', catalogue = 'create' }

local function errand_class(name) return ERRAND_CLASS[name] or 'operator' end

-- The parked scope that stops this errand, if any.
local function errand_block(name, except)
  if is_parked('account') and except ~= 'account' then return 'account' end
  for _, endpoint in ipairs(ERRAND_ENDPOINTS[name] or {}) do
    local scope = 'endpoint:' .. endpoint
    if scope ~= except and is_parked(scope) then return scope end
  end
end

local function lane_block(lane, except)
  for _, scope in ipairs(lane_scopes(lane)) do
    if scope ~= except and is_parked(scope) then return scope end
  end
end

-- Leases one job under the claim; `c` is the claim being made.
local function lease(id, state, c)
  leave(id, state, { lane = c.lane, scope = c.probe })
  redis.call('HINCRBY', key('counts'), 'running', 1)
  redis.call('ZADD', key('running'), int(c.lease_until_ms), id)
  c.run = c.run or run_id()
  redis.call('HSET', key('job:' .. id), 'state', 'running', 'fence', c.fence, 'claim', c.token, 'worker', c.worker,
    'claimed_run', c.run, 'updated_at', iso(c.now_ms))
  -- A version that was spoilt by hand stays so: the worker that reads it gives the job to a person.
  redis.pcall('HINCRBY', key('job:' .. id), 'version', 1)
  c.jobs[#c.jobs + 1] = id
end

-- Whether a job that goes alone is in flight. One at a time: were two to die with one worker, the innocent one would
-- count its third death as well.
local function is_one_alone()
  local id = redis.call('GET', key('alone'))
  local v = id and redis.call('HMGET', key('job:' .. id), 'state', 'alone')
  return v and v[1] == 'running' and v[2]
end

-- As many jobs from the head of a lane as fit into one call; false if there was none, and then true if those in it have
-- to wait: for another that goes alone, or for a worker that knows their form.
local function take_jobs(lane, units_max, c)
  local list = key('lane:' .. lane)
  c.lane = lane
  local cap, units, bytes, newer = units_max, 0, 0, 0
  while #c.jobs < JOBS_MAX and units < cap do
    local id = redis.call('LINDEX', list, 0)
    if not id then break end
    local k = key('job:' .. id)
    local v = fields(id, 'state', 'lane', 'units', 'max_batch', 'alone', 'format')
    if v[1] ~= 'ready' or v[2] ~= lane or not (is_lane(lane) or is_newer(v[6])) then
      redis.call('LPOP', list)
      c.stale = c.stale + 1
      local is_spoilt = is_stateless(v[1], v[2]) or (v[1] == 'ready' and not is_lane(v[2]))
      if is_spoilt and not is_newer(v[6]) then condemn(id, 'its state or its lane', c.now_ms, lane) end
      if c.stale >= STALE_MAX then break end
    elseif is_newer(v[6]) then
      -- Its hash is left alone; those behind it go on.
      redis.call('LMOVE', list, list, 'LEFT', 'RIGHT')
      newer = newer + 1
      if newer >= STALE_MAX then break end
    else
      local size = redis.call('HSTRLEN', k, 'payload') + redis.call('HSTRLEN', k, 'result')
      local own = math.min(cap, math.max(1, whole(v[4], cap)))
      if #c.jobs > 0 and (v[5] or bytes + size > PAYLOAD_MAX or units >= own) then break end
      if v[5] then
        if is_one_alone() then return false, true end
        redis.call('SET', key('alone'), id)
      end
      redis.call('LPOP', list)
      lease(id, 'ready', c)
      cap, units, bytes = own, units + whole(v[3], 1), bytes + size
      if v[5] then break end
    end
  end
  c.units = cap
  return #c.jobs > 0, newer > 0
end

-- The next lane of a class, in turn; lanes of parked scopes go aside, lanes without what they need are passed over.
local function take_lane(class, c)
  local ring, stale = key('ring:' .. class), c.stale
  for _ = 1, math.min(redis.call('LLEN', ring), LANES_MAX) do
    if c.aside >= ASIDE_MAX or c.stale >= STALE_MAX then c.more = true return false end
    local lane = redis.call('LPOP', ring)
    local _, endpoint = lane_parts(lane)
    local scope = lane_block(lane)
    if scope then
      set_aside(lane, scope)
      c.aside = c.aside + 1
      c.more = true
    -- A lane of nothing but stale hints needs no catalogue: the fetch would be two calls for nobody.
    elseif endpoint == 'order-create' and redis.call('HEXISTS', key('ready'), lane) == 1 and not c.catalogue_fresh() then
      redis.call('RPUSH', ring, lane)
    else
      local took, waits = take_jobs(lane, c.batch[endpoint] or 1, c)
      if redis.call('LLEN', key('lane:' .. lane)) > 0 then
        redis.call('RPUSH', ring, lane)
        if not took and not waits then c.more = true end
      else
        redis.call('HDEL', key('lanes'), lane)
      end
      if took then return true end
    end
  end
  -- Lanes that held nothing but stale hints have hidden those behind them.
  if c.stale > stale and redis.call('LLEN', ring) > 0 then c.more = true end
  return false
end

local function lease_errand(name, c)
  local k = key('errand:' .. name)
  redis.call('HSET', k, 'fence', c.fence, 'worker', c.worker)
  local page = redis.call('HGET', k, 'page')
  if not page then
    redis.call('HSET', k, 'page', 1, 'began_ms', int(c.now_ms))
    redis.call('DEL', key('seen:' .. name))
  end
  redis.call('ZADD', key('errands'), int(c.lease_until_ms), name)
  c.errand = name
  return true
end

-- What can try whether a scope has healed: a job of its own, or the errand that it stops.
local function take_trial(scope, c)
  if scope == 'account' or scope == 'balance' then
    if scope ~= 'account' and is_parked('account') then return false end
    redis.call('HSET', key('errand:probe:' .. scope), 'fence', c.fence)
    c.errand = 'probe:' .. scope
    return true
  end
  local id = redis.call('SRANDMEMBER', key('blocked:' .. scope))
  if id then
    local v = fields(id, 'state', 'scope', 'lane', 'format')
    local is_ours = v[1] == 'parked' and v[2] == scope and is_lane(v[3]) and not is_newer(v[4])
    if is_ours and not lane_block(v[3], scope) then
      c.lane, c.units = v[3], 1
      lease(id, 'parked', c)
      return true
    end
  end
  local lane = redis.call('SRANDMEMBER', key('aside:' .. scope))
  if lane and not lane_block(lane, scope) and take_jobs(lane, 1, c) then return true end
  for name, endpoints in pairs(ERRAND_ENDPOINTS) do
    for _, endpoint in ipairs(endpoints) do
      local asked = scope == 'endpoint:' .. endpoint and redis.call('ZSCORE', key('errands'), name)
      if asked and not errand_block(name, scope) and not redis.call('HGET', key('errand:' .. name), 'fence') then
        return lease_errand(name, c)
      end
    end
  end
  return false
end

-- One call for a parked scope, with growing pauses.
local function take_probe(scope, c)
  local k = key('scope:' .. scope)
  -- The pauses begin shorter than a call may take: one probe at a time all the same.
  local under_way = tonumber(redis.call('HGET', k, 'probing') or '')
  if under_way and under_way > c.now_ms then
    redis.call('ZADD', key('errands'), int(under_way), 'probe:' .. scope)
    return false
  end
  local probes = redis.call('HINCRBY', k, 'probes', 1)
  local next_ms = c.now_ms + math.min(PROBE_MAX_MS, PROBE_FIRST_MS * 2 ^ math.min(probes, 10))
  redis.call('HSET', k, 'next_probe', iso(next_ms))
  redis.call('ZADD', key('errands'), int(next_ms), 'probe:' .. scope)
  c.probe = scope
  if take_trial(scope, c) then
    redis.call('HSET', k, 'probing', int(c.lease_until_ms))
    return true
  end
  -- What this claim takes instead tries nothing.
  c.probe = nil
  return false
end

local function take_errand(name, c)
  local scope = string.match(name, '^probe:(.*)$')
  if scope then
    -- What an operator holds is not sick: the first probe would lift it.
    local held = redis.call('HEXISTS', key('scope:' .. scope), 'held') == 1
    if is_parked(scope) and not held then return take_probe(scope, c) end
    redis.call('ZREM', key('errands'), name)
    redis.call('DEL', key('errand:' .. name))
    return false
  end
  if errand_block(name) or not is_known_errand(name) then
    redis.call('ZADD', key('errands'), int(c.now_ms + POSTPONE_MS), name)
    return false
  end
  return lease_errand(name, c)
end
