-- audit_lanes.lua: lanes, and where they stand, at one instant.
-- KEYS[1] counts
-- ARGV[1] namespace  [2..] lanes
-- Returns for each lane: {lane, hints, ready jobs by the counter, ready jobs by the hints or '' where that cannot be said,
--         place, times in its ring, 1 = aside with the scope of its place, 1 = that scope is stopped}
-- Invariant: reads only.

local reply = {}
for i = 2, #ARGV do
  local lane = ARGV[i]
  local hints = redis.call('LLEN', key('lane:' .. lane))
  local counted = hints <= HINTS_COUNTED_MAX and count_ready(lane) or ''
  local place = redis.call('HGET', key('lanes'), lane) or ''
  local in_ring = #redis.call('LPOS', key('ring:' .. (lane_parts(lane) or '')), lane, 'COUNT', 2)
  local aside, stopped = 0, 0
  if place ~= '' and place ~= 'ring' then
    aside = redis.call('SISMEMBER', key('aside:' .. place), lane)
    stopped = is_parked(place) and 1 or redis.call('SISMEMBER', key('resuming'), place)
  end
  reply[#reply + 1] = { lane, hints, redis.call('HGET', key('ready'), lane) or 0, counted, place, in_ring, aside, stopped }
end
return reply
