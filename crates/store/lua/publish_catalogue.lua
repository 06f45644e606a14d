-- publish_catalogue.lua: put a freshly fetched catalogue in place.
-- KEYS[1] counts
-- ARGV[1] namespace  [2] errand fence  [3] when its fetching began, Unix ms  [4] the catalogue, JSON
-- Returns 1 in place, 0 the fence is old.
-- Invariant: a catalogue is never replaced by one whose fetching began earlier.

if redis.call('HGET', key('errand:catalogue'), 'fence') ~= ARGV[2] then return 0 end
local held = tonumber(redis.call('HGET', key('catalogue'), 'fetched_ms') or 0)
if held <= tonumber(ARGV[3]) then redis.call('HSET', key('catalogue'), 'fetched_ms', ARGV[3], 'json', ARGV[4]) end
wake()
return 1
