-- promote.lua (part): what time has made due goes where claims find it.
-- KEYS, ARGV as base.lua; needs spoilt.lua and resume.lua.   Returns nothing by itself.
-- Invariant: every loop is bounded; what is left over is due still and met by the next claim.

local PROMOTE_MAX = 25
-- A due waiting job whose errand does not answer asks again after this time.
local ASK_AGAIN_MS = 30000
-- The second death makes a job go alone, the third one ends it.
local DEATHS_ALONE, DEATHS_POISON = 2, 3

local DUE = { to = 'ready', set = {}, del = {}, front = false, attempts = 'keep', history = '{"event":"due"}' }
local UNBEGUN = { to = 'ready', set = {}, del = {}, front = true, attempts = 'keep', history = '{"event":"lease_lost"}' }

-- The third death: failed, with what its last call may have done remembered, so that a retry begins with the look-up.
local function poison(on_death, kind)
  local set = on_death.set
  set.code, set.class = '', 'poison'
  set.msg = 'the worker died three times while it made this job\'s call'
  set.advice = '该任务三次使工作进程中止，已单独隔离；请查看工作进程日志并核对供应商侧结果后再重试'
  return { to = 'failed', set = set, del = {}, attempts = 'keep', failed_as = '- ' .. kind,
    history = '{"event":"poison","step":"' .. set.step .. '"}' }
end

local function reclaim(id, now_ms)
  local k = key('job:' .. id)
  local v = redis.call('HMGET', k, 'begun_ms', 'on_death', 'kind', 'deaths')
  if not v[1] and not v[2] then return transition(id, UNBEGUN, now_ms) end
  local t, deaths = stored_move(v[2]), whole(v[4] or 0)
  -- Its call may have had its effect: nothing but a look-up may follow, and a person's retry begins with one.
  if not v[1] or not t or not deaths then return condemn(id, 'what is to become of it after a death', now_ms) end
  deaths = deaths + 1
  redis.call('HSET', k, 'deaths', int(deaths))
  if deaths >= DEATHS_POISON then return transition(id, poison(t, v[3] or ''), now_ms) end
  if deaths >= DEATHS_ALONE then redis.call('HSET', k, 'alone', 1) end
  -- Counted from the begin: a look-up waits for the call's deadline and the settle time, not for the lease.
  transition(id, t, now_ms, math.min(now_ms, whole(v[1], now_ms)))
end

local function due_members(set, now_ms)
  return redis.call('ZRANGEBYSCORE', key(set), '-inf', int(now_ms), 'LIMIT', 0, PROMOTE_MAX)
end

-- What everybody waits for, then as many probes as fit: those of many parked scopes must not hide it.
local function due_errands(now_ms)
  local names = {}
  for _, name in ipairs(ERRANDS) do
    local at = tonumber(redis.call('ZSCORE', key('errands'), name) or '')
    if at and at <= now_ms then names[#names + 1] = name end
  end
  for _, name in ipairs(due_members('errands', now_ms)) do
    if not is_known_errand(name) then names[#names + 1] = name end
  end
  return names
end

-- Due jobs that are really in that state; a member whose hash is gone, elsewhere or spoilt must not stop every claim.
local function due(state, now_ms)
  local ids = {}
  for _, id in ipairs(due_members(state, now_ms)) do
    local v = fields(id, 'state', 'kind', 'format')
    if v[1] == state and not is_newer(v[3]) then ids[#ids + 1] = id
    elseif v[1] == state then redis.call('ZADD', key(state), int(now_ms + POSTPONE_MS), id)
    elseif is_stateless(v[1], v[2]) and not is_newer(v[3]) then condemn(id, 'its state', now_ms)
    else redis.call('ZREM', key(state), id) end
  end
  return ids
end

-- Asks for the errand of a job whose time has come.
local function ask_errand(id, now_ms, gap_ms)
  local name = redis.call('HGET', key('job:' .. id), 'errand')
  if not is_known_errand(name) then return condemn(id, 'its errand', now_ms) end
  local e = redis.call('HMGET', key('errand:' .. name), 'page', 'began_ms')
  -- A pass that began after the job was due answers it without being asked again.
  local answers = e[1] and tonumber(redis.call('ZSCORE', key('waiting'), id)) <= whole(e[2], 0)
  if not answers then request_errand(name, now_ms, gap_ms) end
  redis.call('ZADD', key('waiting'), int(now_ms + math.max(gap_ms, ASK_AGAIN_MS)), id)
end

local function promote(now_ms, gap_ms)
  local lost = due('running', now_ms)
  -- From the last to the first, because each goes before what stands at the head.
  for i = #lost, 1, -1 do reclaim(lost[i], now_ms) end
  for _, id in ipairs(due('scheduled', now_ms)) do transition(id, DUE, now_ms) end
  for _, id in ipairs(due('waiting', now_ms)) do ask_errand(id, now_ms, gap_ms) end
  for _, scope in ipairs(redis.call('SRANDMEMBER', key('resuming'), 1)) do resume_some(scope, now_ms, PROMOTE_MAX) end
end
