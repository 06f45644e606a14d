-- lanes.lua (part): ready jobs in their lanes, lanes in the ring of their class or aside with a parked scope.
-- KEYS, ARGV as base.lua.   Returns nothing by itself.
-- Invariant: a lane with hints stands in exactly one place: its class's ring, or the set aside of one scope; the hash
-- `ready` counts the ready jobs of each lane, and each parked scope those of all lanes that it stops.

-- <class>/<endpoint>/<variant>/<shop>; the shop stands last because it may hold any character.
local function lane_parts(lane)
  return string.match(lane, '^([^/]*)/([^/]*)/([^/]*)/(.*)$')
end

local function set_of(names)
  local set = {}
  for name in string.gmatch(names, '%S+') do set[name] = true end
  return set
end

-- The words of domain::class and domain::endpoint.
local CLASSES = set_of('reconcile pay cancel ship create operator poll sync')
local ENDPOINTS = set_of('list-warehouse get-product-list get-shop-info order-create submit-payment get-order-list '
  .. 'get-package-list get-package-cancel get-user-balance dy-ship-free send detail mpaging-orders')

-- Whether a claim could ever serve this lane.
local function is_lane(lane)
  local class, endpoint = lane_parts(lane or '')
  return CLASSES[class or ''] and ENDPOINTS[endpoint or ''] or false
end

-- The scopes whose parking stops a lane; none where a hand has put something else in its place.
local function lane_scopes(lane)
  local class, endpoint, _, shop = lane_parts(lane)
  if not class then return {} end
  local scopes = { 'account', 'endpoint:' .. endpoint }
  if shop ~= '' then scopes[#scopes + 1] = 'shop:' .. shop end
  if class == 'pay' then scopes[#scopes + 1] = 'balance' end
  return scopes
end

local function stops(scope, lane)
  for _, name in ipairs(lane_scopes(lane)) do
    if name == scope then return true end
  end
  return false
end

local function ring_of(lane) return key('ring:' .. (lane_parts(lane))) end

-- Every parked scope that stops the lane counts its ready jobs: they wait for each.
local function count_stopped(lane, change)
  if redis.call('EXISTS', key('scopes')) == 0 then return end
  for _, scope in ipairs(lane_scopes(lane)) do
    if is_parked(scope) then redis.call('HINCRBY', key('scope:' .. scope), 'jobs', change) end
  end
end

-- A ready job's hint; the hash stays the truth.
local function push(id, lane, front)
  redis.call(front and 'LPUSH' or 'RPUSH', key('lane:' .. lane), id)
  redis.call('HINCRBY', key('ready'), lane, 1)
  count_stopped(lane, 1)
  if not redis.call('HGET', key('lanes'), lane) then
    redis.call('HSET', key('lanes'), lane, 'ring')
    redis.call('RPUSH', ring_of(lane), lane)
    wake()
  end
end

-- A job of this lane is ready no more; its hint may still stand there.
local function unready(lane)
  if redis.call('HINCRBY', key('ready'), lane, -1) <= 0 then redis.call('HDEL', key('ready'), lane) end
  count_stopped(lane, -1)
end

-- Takes a lane out of the way of claims until the scope is resumed.
local function set_aside(lane, scope)
  redis.call('HSET', key('lanes'), lane, scope)
  redis.call('SADD', key('aside:' .. scope), lane)
end

-- Lanes looked at when a scope is parked: some ten milliseconds. Those of more shops than that are not counted.
local LANES_COUNTED_MAX = 5000
local LANES_A_SCAN = 500

-- The jobs that wait for a scope: those that its own answer parked, and the ready ones of every lane that it stops.
local function stopped_by(scope)
  local ready, looked, cursor = {}, 0, '0'
  repeat
    local page = redis.call('HSCAN', key('ready'), cursor, 'COUNT', LANES_A_SCAN)
    cursor = page[1]
    -- A scan may show a lane twice.
    for i = 1, #page[2], 2 do
      local lane = page[2][i]
      if stops(scope, lane) then ready[lane] = whole(page[2][i + 1], 0) end
      looked = looked + 1
    end
  until cursor == '0' or looked >= LANES_COUNTED_MAX
  local jobs = redis.call('SCARD', key('blocked:' .. scope))
  for _, count in pairs(ready) do jobs = jobs + count end
  return jobs
end
