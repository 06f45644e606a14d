-- enqueue.lua: take one job in, unless its key is known.
-- KEYS[1] counts
-- ARGV[1] namespace  [2] id  [3] kind  [4] key ('' = every one is new)  [5] payload  [6] step  [7] lane  [8] units
--      [9] memory  [10] due, Unix ms ('' = now)  [11] inbox line that this job stands for ('' = not from the inbox)
-- Returns {'accepted', id, state, replaced id or ''} | {'duplicate', id, state} | {'conflict', id, state, hold}
--       | {'gone'}: the inbox line is no longer the next one; somebody else took it.
-- Invariant: a key names one job that lives or is done; a line leaves the inbox in the move that takes its job in or
-- finds it a duplicate, and stays at a conflict until it is rejected.

local id, kind, job_key, payload = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local now = math.floor(now_us() / 1000)

-- A repeated call of this very move: the first reply was lost. A line that now stands next is another one.
local known = redis.call('HGET', key('job:' .. id), 'state')
if known then return { 'duplicate', id, known } end

local from_inbox = ARGV[11] ~= ''
if from_inbox and redis.call('LINDEX', key('inbox'), -1) ~= ARGV[11] then return { 'gone' } end

local function duplicate(held, state)
  if from_inbox then redis.call('RPOP', key('inbox')) end
  return { 'duplicate', held, state }
end

local key_name = key('key:' .. kind .. ':' .. job_key)
local replaces, generation = '', 1
if job_key ~= '' then
  local held = redis.call('GET', key_name)
  if held then
    local v = redis.call('HMGET', key('job:' .. held), 'state', 'payload', 'hold', 'generation', 'format')
    if not v[1] then return duplicate(held, 'gone') end
    if v[2] == payload then return duplicate(held, v[1]) end
    local gives_up = (v[1] == 'failed' or v[1] == 'cancelled') and (v[3] or '') == '' and not is_newer(v[5])
    if not gives_up then return { 'conflict', held, v[1], v[3] or '' } end
    replaces, generation = held, whole(v[4], 1) + 1
  end
  redis.call('SET', key_name, id)
end

if from_inbox then redis.call('RPOP', key('inbox')) end
local due = ARGV[10] ~= '' and tonumber(ARGV[10]) or 0
local state = due > now and 'scheduled' or 'ready'
local job = { 'kind', kind, 'key', job_key, 'state', state, 'step', ARGV[6], 'attempts', 0, 'version', 1, 'created_at', iso(now),
  'format', JOB_FORMAT, 'created_ms', int(now), 'updated_at', iso(now), 'payload', payload, 'lane', ARGV[7], 'units', ARGV[8], 'memory', ARGV[9],
}
local function put(field, value) job[#job + 1] = field; job[#job + 1] = value end
if state == 'scheduled' then put('run_at', iso(due)) end
if generation > 1 then put('generation', generation) end
if replaces ~= '' then
  put('replaces', replaces)
  redis.call('HSET', key('job:' .. replaces), 'replaced_by', id)
end
if kind == 'gift.order' then
  -- Our reference at the vendor; a replaced order's rows must not be taken for this one's.
  put('remark', generation > 1 and job_key .. '#' .. int(generation) or job_key)
  put('entered_run', run_id())
end
redis.call('HSET', key('job:' .. id), unpack(job))
redis.call('ZADD', key('jobs'), int(now), id)
redis.call('HINCRBY', key('counts'), state, 1)
redis.call('HINCRBY', key('counts'), 'kind:' .. kind, 1)
redis.call('HINCRBY', key('counts'), 'accepted_total', 1)
remember(id, now, '{"event":"accepted"}')
if state == 'ready' then
  push(id, ARGV[7], false)
else
  redis.call('ZADD', key('scheduled'), int(due), id)
  if redis.call('ZRANGE', key('scheduled'), 0, 0)[1] == id then wake() end
end
return { 'accepted', id, state, replaces }
