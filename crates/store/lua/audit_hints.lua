-- audit_hints.lua: whether ready jobs stand in their lanes.
-- KEYS[1] counts
-- ARGV[1] namespace  [2..] ids
-- Returns for each id: {id, lane} of a ready job without a hint, {id} where its lane is too long to be searched, {} of any
--         other and of one of a later form; fewer than asked for where that would search too much: ask for the rest.
-- Invariant: reads only.

-- Where a hint stands that was pushed while the audit looked elsewhere; only then is the whole lane searched.
local NEAR = 1000

local function is_near(list, id)
  return redis.call('LPOS', list, id, 'MAXLEN', NEAR) or redis.call('LPOS', list, id, 'RANK', -1, 'MAXLEN', NEAR)
end

local seen, left = {}, HINTS_SEARCHED_MAX
for i = 2, #ARGV do
  local id = ARGV[i]
  local v = redis.call('HMGET', key('job:' .. id), 'state', 'lane', 'format')
  local list, found = key('lane:' .. (v[2] or '')), {}
  if v[1] == 'ready' and not is_newer(v[3]) and not is_near(list, id) then
    local hints = redis.call('LLEN', list)
    if hints > HINTS_SEARCHED_MAX then
      found = { id }
    elseif hints > left then
      break
    else
      left = left - hints
      if not redis.call('LPOS', list, id) then found = { id, v[2] or '' } end
    end
  end
  seen[#seen + 1] = found
end
return seen
