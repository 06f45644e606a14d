-- reject.lua: move one refused line from the inbox to the rejected lines.
-- KEYS[1] counts
-- ARGV[1] namespace  [2] the line  [3] why, a JSON string  [4] the line as a JSON string
-- Returns 1 moved, 0 the line was no longer the next one.
-- Invariant: a line is in the inbox, or was taken in, or stands among the rejected; never in none.

local REJECTED_MAX = 1000
if redis.call('LINDEX', key('inbox'), -1) ~= ARGV[2] then return 0 end
redis.call('RPOP', key('inbox'))
local at = iso(math.floor(now_us() / 1000))
redis.call('LPUSH', key('rejected'), '{"at":"' .. at .. '","error":' .. ARGV[3] .. ',"line":' .. ARGV[4] .. '}')
redis.call('LTRIM', key('rejected'), 0, REJECTED_MAX - 1)
return 1
