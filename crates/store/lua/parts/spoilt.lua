-- spoilt.lua (part): jobs whose hash was spoilt by hand go to a person, and everybody else goes on.
-- KEYS, ARGV as base.lua; needs transition.lua.   Returns nothing by itself.
-- Invariant: the counters go by the set that holds the job, whatever its hash says; a job of a later form is never
-- taken for a spoilt one.

-- A job of a later form, or an errand that this version does not know, is looked at again after this time.
local POSTPONE_MS = 5000

-- Whether a hash stands there whose state is none; `other` is any other field of it, for it may be gone as a whole.
local function is_stateless(state, other) return (state or other) and not IS_STATE[state or ''] end

-- Fails a spoilt job out of the state that it is really in; `lane` is where its hint stood.
local function condemn(id, what, now_ms, lane)
  local held = 'ready'
  for _, state in ipairs(STATES_WITH_SET) do
    if redis.call('ZSCORE', key(state), id) then held = state end
  end
  redis.call('HSET', key('job:' .. id), 'state', held)
  if lane and held == 'ready' then redis.call('HSET', key('job:' .. id), 'lane', lane) end
  transition(id, unreadable(what), now_ms)
end

local function is_known_errand(name)
  for _, errand in ipairs(ERRANDS) do
    if errand == name then return true end
  end
  return false
end

local function is_text_by_name(set)
  if type(set) ~= 'table' or type(set.step) ~= 'string' then return false end
  for field, value in pairs(set) do
    if type(field) ~= 'string' or type(value) ~= 'string' then return false end
  end
  return true
end

local function is_texts(list)
  if type(list) ~= 'table' then return false end
  for _, value in ipairs(list) do
    if type(value) ~= 'string' then return false end
  end
  return true
end

-- What a state needs besides: what enter() reads without looking.
local FITS = {
  ready = function() return true end,
  scheduled = function(t) return whole(t.delay_ms) end,
  waiting = function(t) return whole(t.delay_ms) and whole(t.since_ms) and is_known_errand(t.errand) end,
  parked = function(t)
    return type(t.park) == 'table' and type(t.park.scope) == 'string' and type(t.park.reason) == 'string'
      and (t.park.need == nil or whole(t.park.need))
  end,
  failed = function(t) return type(t.failed_as) == 'string' end,
  done = function() return true end,
  cancelled = function() return true end,
}

-- The move that `begin` stored for a death; nothing where it is not such a move any more.
local function stored_move(text)
  local is_json, t = pcall(cjson.decode, text or '')
  local fits = is_json and type(t) == 'table' and FITS[t.to] and FITS[t.to](t)
  if fits and is_text_by_name(t.set) and is_texts(t.del) and type(t.history) == 'string'
    and (t.watch == nil or is_texts(t.watch)) then return t end
end
