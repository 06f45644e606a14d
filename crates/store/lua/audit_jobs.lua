-- audit_jobs.lua: jobs, and all that should know of them, as they stand at one instant.
-- KEYS[1] counts
-- ARGV[1] namespace  [2..] ids
-- Returns {now ms, for each id: {id, fields, 1 = listed, {state, score, …}, key's holder, 1 = the key expires, 1 = its errand
--         knows of it, watched names that do not lead to it, 1 = its scope knows of it, 1 = that scope is stopped}}; fewer
--         than asked for where they would be too much for one reply: ask for the rest.
-- Invariant: reads only.

local FIELDS = { 'format', 'kind', 'key', 'state', 'step', 'version', 'attempts', 'created_ms', 'units', 'lane', 'memory', 'updated_at', 'run_at',
  'fence', 'worker', 'begun', 'begun_ms', 'intent', 'on_death', 'errand', 'scope', 'failed_as', 'watch', 'hold', 'replaced_by',
  'replaces', 'remark' }
local REPLY_MAX, TEXT_MAX, NAMES_MAX = 1048576, 262144, 20

-- A text of the job, unless it is beyond all bounds; results but of gift orders say nothing here and may be long.
local function text(k, field)
  if redis.call('HSTRLEN', k, field) > TEXT_MAX then return false end
  return redis.call('HGET', k, field)
end

local function unfound(id, names)
  local missing, count = 0, 0
  for name in string.gmatch(names, '[^\n]+') do
    count = count + 1
    if count > NAMES_MAX then break end
    if not redis.call('ZSCORE', key('watch'), name .. '\t' .. id) then missing = missing + 1 end
  end
  return missing
end

local function look(id)
  local k = key('job:' .. id)
  local v = redis.call('HMGET', k, unpack(FIELDS))
  local fields, named = {}, {}
  for i, name in ipairs(FIELDS) do
    if v[i] then
      named[name] = v[i]
      fields[#fields + 1] = name
      fields[#fields + 1] = v[i]
    end
  end
  local function add(name)
    local value = text(k, name)
    if value then fields[#fields + 1] = name; fields[#fields + 1] = value end
    return value and #value or 0
  end
  local bytes = add('payload')
  if named.kind == 'gift.order' then bytes = bytes + add('result') end
  local sets = {}
  for _, state in ipairs(STATES_WITH_SET) do
    local score = redis.call('ZSCORE', key(state), id)
    if score then sets[#sets + 1] = state; sets[#sets + 1] = score end
  end
  local holder, expires = '', 0
  if named.kind and named.key and named.key ~= '' then
    local key_name = key('key:' .. named.kind .. ':' .. named.key)
    holder = redis.call('GET', key_name) or ''
    expires = redis.call('PTTL', key_name) > 0 and 1 or 0
  end
  local awaited = named.errand and redis.call('ZSCORE', key('wait:' .. named.errand), id) and 1 or 0
  local blocked, stopped = 0, 0
  if named.scope then
    blocked = redis.call('SISMEMBER', key('blocked:' .. named.scope), id)
    stopped = is_parked(named.scope) and 1 or redis.call('SISMEMBER', key('resuming'), named.scope)
  end
  local listed = redis.call('ZSCORE', key('jobs'), id) and 1 or 0
  return { id, fields, listed, sets, holder, expires, awaited, unfound(id, named.watch or ''), blocked, stopped },
    bytes + #(named.memory or '')
end

local reply, bytes = { int(now_us() / 1000) }, 0
for i = 2, #ARGV do
  local seen, size = look(ARGV[i])
  reply[#reply + 1] = seen
  bytes = bytes + size
  if bytes > REPLY_MAX then break end
end
return reply
