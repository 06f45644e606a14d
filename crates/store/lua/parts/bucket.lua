-- bucket.lua (part): the send slots of one account, on Redis's clock.
-- KEYS, ARGV as base.lua.   Returns nothing by itself.
-- A call leaves at its slot or up to `spread` later: what its worker does not know better about this clock, and what it
-- may have to dial. Both stand on record.
-- Invariant: slot[i+1] - slot[i] >= one gap, and a slot is 1.02 s behind the latest departure of all but the N - 1 calls
-- that may leave last, over restarts and failovers too.

-- How far ahead slots are reserved: enough that a worker's next claim overlaps its last call's wait, little enough
-- that choices stay late and a killed worker wastes no more than three slots.
local HORIZON_US = 250000
-- The longest time that a worker may ask for between a claim and its slot, and behind it, so that a slow disk or a slow
-- network delays calls and does not stop them.
local LEAD_MAX_US = 1000000
-- One second and 20 ms: as many calls as allowed in any second, for up to 20 ms of jitter on the way.
local WINDOW_US = 1020000
-- A clock may be slewed; more than this backwards is a step.
local STEP_BACK_US = 1000

-- Slots kept on record: twice what the limit looks back on, so that `stats` can tell the last second although some
-- of them lie ahead, and more than can leave within LEAD_MAX behind their slots.
local function slots_kept(per_second) return 2 * per_second end

local function numbers(text)
  local list = {}
  for number in string.gmatch(text or '', '%d+') do list[#list + 1] = tonumber(number) end
  return list
end

-- What a worker asks for, cut to what the silence after a restart covers.
local function bounded(lead_us, spread_us)
  local spread = math.min(spread_us, LEAD_MAX_US)
  return math.min(lead_us, LEAD_MAX_US - spread), spread
end

-- When the Nth of the calls that may leave last has left for certain.
local function nth_latest(log, spread, n)
  local latest = {}
  for i = 1, #log do latest[i] = log[i] + (spread[i] or 0) end
  table.sort(latest, function(a, b) return a > b end)
  return latest[n]
end

-- The next free slot, not before `lead_us` from now, and the record to reserve it in. Reserves nothing.
local function next_slot(now, per_second, lead_us)
  if per_second == 0 then return now, nil end
  local v = redis.call('HMGET', key('bucket'), 'log', 'spread', 'run_id', 'seen')
  local record = { log = numbers(v[1]), spread = numbers(v[2]), run = run_id() }
  local log = record.log
  record.known = #log > 0 and v[3] == record.run and now >= tonumber(v[4] or 0) - STEP_BACK_US
  if not record.known then
    -- Slots granted before a restart, a failover or a step of the clock are not on record: one window of silence.
    record.log, record.spread = { now + LEAD_MAX_US + HORIZON_US }, {}
    log = record.log
  end
  -- A worker of another limit kept fewer; what it forgot is no later than the oldest slot on record.
  for i = #log + 1, slots_kept(per_second) do log[i] = log[#log] end
  for i = #record.spread + 1, #log do record.spread[i] = 0 end
  local free = nth_latest(log, record.spread, per_second) + WINDOW_US
  return math.max(now + lead_us, log[1] + 1000000 / per_second, free), record
end

local function save_slots(now, record)
  for i = 1, #record.log do record.log[i] = int(record.log[i]) end
  for i = 1, #record.spread do record.spread[i] = int(record.spread[i]) end
  redis.call('HSET', key('bucket'), 'log', table.concat(record.log, ','), 'spread', table.concat(record.spread, ','),
    'run_id', record.run, 'seen', int(now))
end

local function reserve_slot(now, slot, spread, record)
  if not record then return end
  table.insert(record.log, 1, slot)
  table.insert(record.spread, 1, spread)
  record.log[#record.log] = nil
  record.spread[#record.spread] = nil
  save_slots(now, record)
end
