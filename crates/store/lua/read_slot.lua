-- read_slot.lua: permission for one vendor call that serves no job, a read.
-- KEYS[1] counts
-- ARGV[1] namespace  [2] calls per second (0 = no limit)  [3] lead, us  [4] spread, us  [5..] scopes, each of which stops the call
-- Returns {'parked', now us, scope} | {'wait', now us, ms until there may be one} | {'slot', now us, slot us, spread us}
-- Invariant: the slot stands on the record of all slots. Slots of this move are a second apart and a tenth of the limit at
-- most, so that they starve no job. One whose answer was lost is spent, and the next is as far away as ever.

local APART_US, SHARE = 1000000, 10

local now = now_us()
for i = 5, #ARGV do
  if is_parked(ARGV[i]) then return { 'parked', int(now), ARGV[i] } end
end

local per_second = tonumber(ARGV[2])
local lead, spread = bounded(tonumber(ARGV[3]), tonumber(ARGV[4]))
local slot, record = next_slot(now, per_second, lead)
if not record then return { 'slot', int(now), int(slot), int(spread) } end

if not record.known then save_slots(now, record) end

local wait = slot - now - lead - HORIZON_US
local last = whole(redis.call('HGET', key('bucket'), 'read'), 0)
-- One that lies further ahead than any slot can was granted before the clock was set back.
if last <= now + LEAD_MAX_US + HORIZON_US then
  wait = math.max(wait, last + math.max(APART_US, SHARE * 1000000 / per_second) - slot)
end
if wait > 0 then return { 'wait', int(now), math.ceil(wait / 1000) } end
reserve_slot(now, slot, spread, record)
redis.call('HSET', key('bucket'), 'read', int(slot))
return { 'slot', int(now), int(slot), int(spread) }
