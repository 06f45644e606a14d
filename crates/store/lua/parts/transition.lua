-- transition.lua (part): one job's move from the state it is in to another.
-- KEYS, ARGV as base.lua; needs lanes.lua.   Returns nothing by itself.
-- Invariant: a job is in exactly one state; the counters equal a recount; nothing is decided here.

local HISTORY_MAX = 50
local EVENTS_MAX = 10000
-- Probes of a parked scope start at this pause and double up to the longest.
local PROBE_FIRST_MS = 2000
-- Names by which one job is watched: one a recipient of a gift order and a few more, whose line has 64 KiB.
local WATCHED_MAX = 2000
local ERRANDS = { 'packages', 'orders', 'catalogue' }
local TOLD = { done = true, failed = true, parked = true, cancelled = true }

local function remember(id, now_ms, entry)
  redis.call('LPUSH', key('history:' .. id), '{"at":"' .. iso(now_ms) .. '",' .. string.sub(entry, 2))
  redis.call('LTRIM', key('history:' .. id), 0, HISTORY_MAX - 1)
end

local function is_entry(text)
  return string.match(text or '', '^{"') and (pcall(cjson.decode, text))
end

local function tell(event, id, kind, job_key, more)
  redis.call('XADD', key('events'), 'MAXLEN', '~', EVENTS_MAX, '*', 'event', event, 'id', id, 'kind', kind, 'key', job_key,
    unpack(more or {}))
end

-- Makes an errand due, not sooner than `gap` after its last pass began; one amid a pass is asked to run again.
local function request_errand(name, at_ms, gap_ms)
  local e = redis.call('HMGET', key('errand:' .. name), 'began_ms', 'page', 'again_ms')
  if e[1] then at_ms = math.max(at_ms, e[1] + gap_ms) end
  if e[2] then
    if not e[3] or tonumber(e[3]) > at_ms then redis.call('HSET', key('errand:' .. name), 'again_ms', int(at_ms)) end
    return
  end
  redis.call('ZADD', key('errands'), 'LT', int(at_ms), name)
end

local function unwatch(id, names)
  local count = 0
  for name in string.gmatch(names, '[^\n]+') do
    redis.call('ZREM', key('watch'), name .. '\t' .. id)
    count = count + 1
    if count >= WATCHED_MAX then break end
  end
end

local function park(scope, now_ms, reason, link, need)
  local k = key('scope:' .. scope)
  local fresh = redis.call('HSETNX', k, 'since', iso(now_ms)) == 1
  redis.call('HSET', k, 'reason', reason)
  if fresh then
    redis.call('HSET', k, 'jobs', stopped_by(scope))
    tell('parked', '', '', '', { 'scope', scope, 'msg', reason })
  end
  if link then redis.call('HSET', k, 'link', link) end
  -- The smallest missing sum decides when a payment may be tried again.
  local missing = tonumber(redis.call('HGET', k, 'need') or '')
  if need and (not missing or need < missing) then redis.call('HSET', k, 'need', int(need)) end
  if not fresh then return end
  redis.call('SADD', key('scopes'), scope)
  redis.call('SREM', key('resuming'), scope)
  redis.call('HSET', k, 'next_probe', iso(now_ms + PROBE_FIRST_MS))
  redis.call('ZADD', key('errands'), int(now_ms + PROBE_FIRST_MS), 'probe:' .. scope)
  wake()
end

-- Out of the structures of the state that the job is in. A field that was spoilt by hand must not hold it there.
local function leave(id, state, job)
  redis.call('HINCRBY', key('counts'), state, -1)
  if state == 'ready' then return unready(job.lane) end
  redis.call('ZREM', key(state), id)
  if state == 'waiting' then
    for _, errand in ipairs(ERRANDS) do redis.call('ZREM', key('wait:' .. errand), id) end
  end
  if state == 'parked' and job.scope then
    redis.call('SREM', key('blocked:' .. job.scope), id)
    if is_parked(job.scope) then redis.call('HINCRBY', key('scope:' .. job.scope), 'jobs', -1) end
  end
  if state == 'failed' and job.failed_as then
    if redis.call('HINCRBY', key('failed:codes'), job.failed_as, -1) <= 0 then
      redis.call('HDEL', key('failed:codes'), job.failed_as)
    end
  end
end

-- Into the structures of the state that the job moves to; `due_ms` for scheduled and waiting.
local function enter(id, t, job, now_ms, due_ms)
  redis.call('HINCRBY', key('counts'), t.to, 1)
  if t.to == 'ready' then
    push(id, t.set.lane or job.lane, t.front)
  elseif t.to == 'scheduled' or t.to == 'waiting' then
    redis.call('ZADD', key(t.to), int(due_ms), id)
    if t.to == 'waiting' then
      redis.call('ZADD', key('wait:' .. t.errand), int(t.since_ms), id)
      excuse(id, t.errand)
    end
    -- Only what is due before everything else needs to wake anybody.
    if redis.call('ZRANGE', key(t.to), 0, 0)[1] == id then wake() end
  else
    redis.call('ZADD', key(t.to), int(job.parked_ms or now_ms), id)
  end
  if t.to == 'parked' then
    park(t.park.scope, now_ms, t.park.reason, t.park.link, t.park.need)
    redis.call('SADD', key('blocked:' .. t.park.scope), id)
    redis.call('HINCRBY', key('scope:' .. t.park.scope), 'jobs', 1)
  elseif t.to == 'failed' then
    redis.call('HINCRBY', key('failed:codes'), t.failed_as, 1)
  end
end

-- Fields that belong to one state or one claim only; what still applies is written again.
local PASSING = { 'fence', 'claim', 'claimed_run', 'worker', 'intent', 'on_death', 'begun', 'begun_ms', 'errand', 'scope', 'failed_as', 'run_at', 'probe', 'parked_ms' }

-- Whether a create or a payment from this step on need not ask what an earlier Redis knew; begun under another run_id
-- than `entered_run`, it is looked up first. Only a claim of this Redis answers for that, or a look that began because of
-- the failover: a look that was under way before it may end too early to show what a claim did that is not on record. So
-- may a settle that is repeated here because the Redis that it was claimed from has made it and is gone.
local function stands_under_this_run(t, from, claimed_run)
  if t.failover then return true end
  return (t.set.step == 'create' or t.set.step == 'pay') and from == 'running' and claimed_run == run_id()
end

-- The move of a job whose hash was spoilt: to a person. As domain::transition::Transition::unreadable.
local function unreadable(what)
  local msg = 'the stored job cannot be read: ' .. what
  return { to = 'failed', set = { code = '', msg = msg, class = 'human',
    advice = '任务记录无法读取，可能被手工修改或来自其他版本；请核对后重新提交' }, del = {}, attempts = 'keep',
    failed_as = '- unreadable', history = '{"event":"unreadable","msg":' .. cjson.encode(msg) .. '}' }
end

-- A probe that failed has changed nothing: its job is parked since it first was, and nobody is told again. Unless its scope
-- was resumed while it was under way: then both are parked anew.
local function parked_since(scope, parked_ms)
  local since = redis.call('HGET', key('scope:' .. scope), 'since')
  if since and parked_ms and since <= iso(parked_ms) then return parked_ms end
end

-- Carries out transition `t` (domain::transition) on a job that exists.
local function transition(id, t, now_ms, from_ms)
  local k = key('job:' .. id)
  local v = redis.call('HMGET', k, 'state', 'kind', 'key', 'lane', 'scope', 'failed_as', 'attempts', 'begun', 'step', 'watch',
    'claimed_run', 'parked_ms', 'intent', 'begun_ms')
  local job = { lane = v[4] or '', scope = v[5], failed_as = v[6] }
  if t.park and t.park.scope == v[5] then job.parked_ms = parked_since(v[5], whole(v[12])) end
  if t.to == 'ready' and not is_lane(t.set.lane or job.lane) then t = unreadable('its lane') end
  leave(id, v[1], job)
  redis.call('HDEL', k, unpack(PASSING))
  if #t.del > 0 then redis.call('HDEL', k, unpack(t.del)) end
  local due_ms = math.max(now_ms, (from_ms or now_ms) + (t.delay_ms or 0))
  local set = { 'state', t.to, 'updated_at', iso(job.parked_ms or now_ms) }
  local function put(field, value) set[#set + 1] = field; set[#set + 1] = value end
  for field, value in pairs(t.set) do put(field, value) end
  if t.attempts == 'reset' then put('attempts', 0)
  elseif t.attempts == 'restore' then put('attempts', math.max(0, whole(v[7], 0) - whole(v[8], 0))) end
  if t.errand then put('errand', t.errand) end
  if t.park then put('scope', t.park.scope) end
  if t.to == 'parked' then put('parked_ms', int(job.parked_ms or now_ms)) end
  if t.failed_as then put('failed_as', t.failed_as) end
  if t.delay_ms then put('run_at', iso(due_ms)) end
  if v[2] == 'gift.order' and t.set.step ~= v[9] and stands_under_this_run(t, v[1], v[11]) then put('entered_run', run_id()) end
  local final = t.to == 'done' or t.to == 'failed' or t.to == 'cancelled'
  if t.watch or final then
    if v[10] then unwatch(id, v[10]) end
    redis.call('HDEL', k, 'watch')
    if t.watch and #t.watch > 0 and not final then
      put('watch', table.concat(t.watch, '\n'))
      for _, name in ipairs(t.watch) do redis.call('ZADD', key('watch'), 0, name .. '\t' .. id) end
    end
  end
  redis.call('HSET', k, unpack(set))
  if type(redis.pcall('HINCRBY', k, 'version', 1)) == 'table' then redis.call('HSET', k, 'version', 1) end
  enter(id, t, job, now_ms, due_ms)
  if job.parked_ms then return end
  -- The call of a probe, of which begin did not tell.
  if v[8] == '0' and is_entry(v[13]) then remember(id, whole(v[14], now_ms), v[13]) end
  if t.history ~= '' then remember(id, now_ms, t.history) end
  if TOLD[t.to] then
    tell(t.to, id, v[2] or '', v[3] or '', { 'code', t.set.code or '', 'msg', t.set.msg or '', 'scope', t.park and t.park.scope or '' })
  end
end
