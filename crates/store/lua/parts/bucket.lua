-- bucket.lua (part): the send slots of one account, on Redis's clock.
-- KEYS, ARGV as base.lua.   Returns nothing by itself.
-- Invariant: slot[i+1] - slot[i] >= one gap and slot[i+N] - slot[i] >= 1.02 s, over restarts and failovers too.

-- How far ahead slots are reserved: enough that a worker's next claim overlaps its last call's wait, little enough
-- that choices stay late and a killed worker wastes no more than three slots.
local HORIZON_US = 250000
-- The longest time that a worker may ask for between a claim and its slot, so that a slow disk delays calls and does
-- not stop them.
local LEAD_MAX_US = 1000000
-- One second and 20 ms: as many calls as allowed in any second, for up to 20 ms of jitter on the way.
local WINDOW_US = 1020000
-- A clock may be slewed; more than this backwards is a step.
local STEP_BACK_US = 1000

-- Slots kept on record: twice what the limit looks back on, so that `stats` can tell the last second although some
-- of them lie ahead.
local function slots_kept(per_second) return 2 * per_second end

-- The next free slot, not before `lead_us` from now. Reserves nothing.
local function next_slot(now, per_second, lead_us)
  if per_second == 0 then return now, {}, '', true end
  local v = redis.call('HMGET', key('bucket'), 'log', 'run_id', 'seen')
  local log, run = {}, run_id()
  for slot in string.gmatch(v[1] or '', '%d+') do log[#log + 1] = tonumber(slot) end
  local known = #log > 0 and v[2] == run and now >= tonumber(v[3] or 0) - STEP_BACK_US
  if not known then
    -- Slots granted before a restart, a failover or a step of the clock are not on record: one window of silence.
    log = { now + LEAD_MAX_US + HORIZON_US }
  end
  -- A worker of another limit kept fewer; what it forgot is no later than the oldest slot on record.
  for i = #log + 1, slots_kept(per_second) do log[i] = log[#log] end
  return math.max(now + lead_us, log[1] + 1000000 / per_second, log[per_second] + WINDOW_US), log, run, known
end

local function save_slots(now, log, run)
  for i = 1, #log do log[i] = int(log[i]) end
  redis.call('HSET', key('bucket'), 'log', table.concat(log, ','), 'run_id', run, 'seen', int(now))
end

local function reserve_slot(now, slot, log, run)
  if #log == 0 then return end
  table.insert(log, 1, slot)
  log[#log] = nil
  save_slots(now, log, run)
end
