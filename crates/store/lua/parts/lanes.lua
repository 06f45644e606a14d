-- lanes.lua (part): ready jobs in their lanes, lanes in the ring of their class or aside with a parked scope.
-- KEYS, ARGV as base.lua.   Returns nothing by itself.
-- Invariant: a lane with hints stands in exactly one place: its class's ring, or the set aside of one scope; the hash
-- `ready` counts the ready jobs of each lane.

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

-- The scopes whose parking stops a lane.
local function lane_scopes(lane)
  local class, endpoint, _, shop = lane_parts(lane)
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

-- A ready job's hint; the hash stays the truth.
local function push(id, lane, front)
  redis.call(front and 'LPUSH' or 'RPUSH', key('lane:' .. lane), id)
  redis.call('HINCRBY', key('ready'), lane, 1)
  local place = redis.call('HGET', key('lanes'), lane)
  if not place then
    redis.call('HSET', key('lanes'), lane, 'ring')
    redis.call('RPUSH', ring_of(lane), lane)
    wake()
  elseif place ~= 'ring' and is_parked(place) then
    redis.call('HINCRBY', key('scope:' .. place), 'jobs', 1)
  end
end

-- A job of this lane is ready no more; its hint may still stand there.
local function unready(lane)
  if redis.call('HINCRBY', key('ready'), lane, -1) <= 0 then redis.call('HDEL', key('ready'), lane) end
  local place = redis.call('HGET', key('lanes'), lane)
  if place and place ~= 'ring' and is_parked(place) then redis.call('HINCRBY', key('scope:' .. place), 'jobs', -1) end
end

-- Takes a lane out of the way of claims until the scope is resumed.
local function set_aside(lane, scope)
  redis.call('HSET', key('lanes'), lane, scope)
  redis.call('SADD', key('aside:' .. scope), lane)
  redis.call('HINCRBY', key('scope:' .. scope), 'jobs', redis.call('HGET', key('ready'), lane) or 0)
end

-- Lanes looked at when a scope is parked; a claim takes those behind them aside when it meets them.
local RING_SCANNED_MAX = 100

-- Takes the lanes aside that this scope stops, so that it says at once how many jobs wait for it.
local function set_lanes_aside(scope)
  local left = RING_SCANNED_MAX
  for class in pairs(CLASSES) do
    if left <= 0 then return end
    local ring = key('ring:' .. class)
    for _, lane in ipairs(redis.call('LRANGE', ring, 0, left - 1)) do
      left = left - 1
      if is_lane(lane) and stops(scope, lane) and redis.call('HGET', key('lanes'), lane) == 'ring' then
        redis.call('LREM', ring, 1, lane)
        set_aside(lane, scope)
      end
    end
  end
end
