-- base.lua (part): names, numbers and times that every move needs.
-- KEYS[1] <namespace>:counts, declared so that a cluster routes the call   ARGV[1] namespace
-- Returns nothing by itself.
-- Invariant: every time comes from Redis TIME; every number that leaves Lua is written in full, because
-- tostring() keeps only 14 digits.

local NS = ARGV[1]

local function key(name) return NS .. ':' .. name end

local function int(number) return string.format('%.0f', number) end

local function now_us()
  local t = redis.call('TIME')
  return t[1] * 1000000 + t[2]
end

-- RFC 3339 in China time, the operators' zone; days to civil date after Howard Hinnant.
local function iso(ms)
  local s = math.floor(ms / 1000) + 28800
  local days = math.floor(s / 86400)
  local rest = s - days * 86400
  local z = days + 719468
  local era = math.floor(z / 146097)
  local doe = z - era * 146097
  local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
  local mp = math.floor((5 * doy + 2) / 153)
  local month = mp < 10 and mp + 3 or mp - 9
  local year = yoe + era * 400 + (month <= 2 and 1 or 0)
  return string.format('%04d-%02d-%02dT%02d:%02d:%02d.%03d+08:00', year, month, doy - math.floor((153 * mp + 2) / 5) + 1,
    math.floor(rest / 3600), math.floor(rest / 60) % 60, rest % 60, ms % 1000)
end

-- Changes at every start of a server and at every promotion: one that is made master a second time has lost what it
-- knew in between, and its run_id alone would not show it.
local function run_id()
  local info = redis.call('INFO', 'server', 'replication')
  local run, replication = string.match(info, 'run_id:(%x+)'), string.match(info, 'master_replid:(%x+)')
  return string.sub(run, 1, 16) .. string.sub(replication, 1, 16)
end

-- The states whose jobs stand in a set of that name; ready jobs stand in lanes.
local STATES_WITH_SET = { 'running', 'scheduled', 'waiting', 'parked', 'done', 'failed', 'cancelled' }
local IS_STATE = { ready = true }
for _, state in ipairs(STATES_WITH_SET) do IS_STATE[state] = true end

-- The form of a job's hash, written into each. A job of a later form is left to the version that wrote it.
local JOB_FORMAT = 1

-- A stored count or time; `other` where it is absent, or where a hand has put something else there.
local function whole(value, other)
  local number = tonumber(value or '')
  if number and number >= 0 and number <= 9007199254740992 and number == math.floor(number) then return number end
  return other
end

local function is_newer(format)
  local number = string.match(format or '', '^[1-9]%d*$') and tonumber(format) or JOB_FORMAT
  return number > JOB_FORMAT and number < 4294967296
end

-- Fields of a job; none where something else than a hash stands under its name, which must not stop everybody.
local function fields(id, ...)
  local v = redis.pcall('HMGET', key('job:' .. id), ...)
  return v.err and {} or v
end

local function is_parked(scope) return redis.call('EXISTS', key('scope:' .. scope)) == 1 end

-- A pass of the errand that is under way proves nothing about a job that it could not have found on all its pages, and
-- does not go on for its sake.
local function excuse(id, errand)
  if redis.call('HEXISTS', key('errand:' .. errand), 'page') == 1 then redis.call('SADD', key('seen:' .. errand), id) end
end

local function wake() redis.call('PUBLISH', key('wake'), '1') end
