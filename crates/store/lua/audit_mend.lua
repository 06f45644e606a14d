-- audit_mend.lua: put one thing right that an audit found, if it is still wrong.
-- KEYS[1] counts
-- ARGV[1] namespace  [2] what to mend  [3..] about what
-- Returns 1 mended, 0 it is right by now, or may not be mended any more.
-- Invariant: what was wrong is seen again before it is touched; nothing that is right is changed, nothing of a job of a
-- later form, and nothing is decided that a worker or an operator would have to decide.

local now = math.floor(now_us() / 1000)
local mend = {}

-- What is wrong about a job of a later form, only the version that wrote it can say.
local function is_later(id) return is_newer(redis.call('HGET', key('job:' .. id), 'format')) end

-- Fields of a job; none of one of a later form.
local function job_fields(id, ...)
  if is_later(id) then return {} end
  return redis.call('HMGET', key('job:' .. id), ...)
end

-- Adds a member that is missing; says whether it was.
local function add(set, score, member) return redis.call('ZADD', key(set), 'NX', score, member) end

-- Jobs that are in no set of a state are ready; a set holds all of its state and nothing else once the other findings are
-- mended.
function mend.count_states()
  local ready, changed = redis.call('ZCARD', key('jobs')), 0
  local function set(state, count)
    if tonumber(redis.call('HGET', key('counts'), state) or 0) == count then return end
    redis.call('HSET', key('counts'), state, count)
    changed = 1
  end
  for _, state in ipairs(STATES_WITH_SET) do
    local members = redis.call('ZCARD', key(state))
    ready = ready - members
    set(state, members)
  end
  set('ready', math.max(0, ready))
  return changed
end

-- Counted over all jobs: right only as long as nothing has moved that it counts.
function mend.recount(hash, field, count, signature)
  if SIGNATURES[hash]() ~= signature then return 0 end
  if count == '0' then return redis.call('HDEL', key(hash), field) end
  redis.call('HSET', key(hash), field, count)
  return 1
end

function mend.count_lane(lane)
  if redis.call('LLEN', key('lane:' .. lane)) > HINTS_COUNTED_MAX then return 0 end
  local count = count_ready(lane)
  if not count or tonumber(redis.call('HGET', key('ready'), lane) or 0) == count then return 0 end
  if count == 0 then redis.call('HDEL', key('ready'), lane) else redis.call('HSET', key('ready'), lane, count) end
  return 1
end

function mend.count_scope(scope)
  local count = count_of_scope(scope)
  if not count or not is_parked(scope) or tonumber(redis.call('HGET', key('scope:' .. scope), 'jobs') or 0) == count then return 0 end
  redis.call('HSET', key('scope:' .. scope), 'jobs', count)
  return 1
end

-- A member that its job has no place for: the job is gone, in another state, or waits for or watches something else.
function mend.unlist(set, member)
  local errand = string.match(set, '^wait:(.*)$')
  local name, id = string.match(member, '^(.*)\t([^\t]*)$')
  if set ~= 'watch' then id = member end
  if is_later(id or member) then return 0 end
  local v = job_fields(id or member, 'state', 'errand', 'watch')
  local belongs
  if set == 'jobs' then belongs = redis.call('EXISTS', key('job:' .. id)) == 1
  elseif errand then belongs = v[1] == 'waiting' and v[2] == errand
  elseif set == 'watch' then belongs = name and v[1] and string.find('\n' .. (v[3] or '') .. '\n', '\n' .. name .. '\n', 1, true)
  -- What cannot be read may be a state of another version.
  else belongs = v[1] == set or (v[1] and not IS_STATE[v[1]]) end
  if belongs then return 0 end
  return redis.call('ZREM', key(set), member)
end

-- A job goes into the list of all jobs and the sets of its state; with what lease, is the claims' to say.
function mend.list(id, score, lease)
  local v = job_fields(id, 'state', 'errand', 'created_ms')
  if not IS_STATE[v[1] or ''] then return 0 end
  local added = add('jobs', v[3] or int(now), id)
  if v[1] == 'ready' then return added end
  local at = v[1] == 'running' and int(now + lease) or score
  added = math.max(added, add(v[1], at, id))
  -- Since when it waits is not known any more; the sooner, the further back its sweep looks.
  if v[1] == 'waiting' and v[2] and add('wait:' .. v[2], v[3] or int(now), id) == 1 then
    excuse(id, v[2])
    added = 1
  end
  return added
end

function mend.place(lane)
  if not is_lane(lane) then return 0 end
  local ring, place = ring_of(lane), redis.call('HGET', key('lanes'), lane)
  local times = #redis.call('LPOS', ring, lane, 'COUNT', 2)
  local stopped = place and place ~= 'ring' and redis.call('SISMEMBER', key('aside:' .. place), lane) == 1
    and (is_parked(place) or redis.call('SISMEMBER', key('resuming'), place) == 1)
  local is_empty = redis.call('LLEN', key('lane:' .. lane)) == 0
  if times == 0 and (stopped or not place and is_empty) or times == 1 and place == 'ring' then return 0 end
  if place and place ~= 'ring' then redis.call('SREM', key('aside:' .. place), lane) end
  redis.call('LREM', ring, 0, lane)
  if is_empty then
    redis.call('HDEL', key('lanes'), lane)
  else
    redis.call('HSET', key('lanes'), lane, 'ring')
    redis.call('RPUSH', ring, lane)
    wake()
  end
  return 1
end

-- The hint only: the job is counted already. In a lane too long to be searched it may stand.
function mend.hint(id)
  local v = job_fields(id, 'state', 'lane')
  if v[1] ~= 'ready' or not is_lane(v[2]) then return 0 end
  local list = key('lane:' .. v[2])
  if redis.call('LLEN', list) > HINTS_SEARCHED_MAX or redis.call('LPOS', list, id) then return 0 end
  redis.call('RPUSH', list, id)
  mend.place(v[2])
  return 1
end

-- A lease that is lost is always safe: what has begun is looked up.
function mend.shorten(id, lease, ahead)
  if is_later(id) then return 0 end
  local until_ms = tonumber(redis.call('ZSCORE', key('running'), id) or 0)
  if until_ms <= now + lease + ahead then return 0 end
  redis.call('ZADD', key('running'), int(now + lease), id)
  return 1
end

function mend.watch(id)
  local v, added = job_fields(id, 'state', 'watch', 'errand'), 0
  if not v[1] then return 0 end
  for name in string.gmatch(v[2] or '', '[^\n]+') do added = math.max(added, add('watch', 0, name .. '\t' .. id)) end
  if added == 1 and v[1] == 'waiting' and v[3] then excuse(id, v[3]) end
  return added
end

-- A scope that is not parked is as if an operator had resumed it: claims take its jobs back.
function mend.unblock(id)
  local v = job_fields(id, 'state', 'scope')
  if v[1] ~= 'parked' or not v[2] then return 0 end
  local changed = redis.call('SADD', key('blocked:' .. v[2]), id)
  if is_parked(v[2]) then
    if changed == 1 then redis.call('HINCRBY', key('scope:' .. v[2]), 'jobs', 1) end
    return changed
  end
  wake()
  return math.max(changed, redis.call('SADD', key('resuming'), v[2]))
end

function mend.probe(scope)
  if not is_parked(scope) then return redis.call('SREM', key('scopes'), scope) end
  local changed = redis.call('SADD', key('scopes'), scope)
  if redis.call('HEXISTS', key('scope:' .. scope), 'held') == 1 then return changed end
  wake()
  return math.max(changed, add('errands', int(now), 'probe:' .. scope))
end

-- Whoever may still hold it has a lease's time to end.
function mend.turn(name, lease, ahead)
  local due = tonumber(redis.call('ZSCORE', key('errands'), name) or '')
  local is_stuck = not due and redis.call('HEXISTS', key('errand:' .. name), 'page') == 1
  if not is_stuck and not (due and due > now + lease + ahead) then return 0 end
  redis.call('ZADD', key('errands'), int(now + lease), name)
  return 1
end

function mend.key(id)
  local v = job_fields(id, 'kind', 'key', 'replaced_by')
  if not v[1] or not v[2] or v[2] == '' or v[3] then return 0 end
  local name = key('key:' .. v[1] .. ':' .. v[2])
  if redis.call('GET', name) == id then return redis.call('PERSIST', name) end
  return redis.call('SETNX', name, id)
end

return mend[ARGV[2]](unpack(ARGV, 3))
