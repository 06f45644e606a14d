-- park.lua: stop a scope: its work stays where it is and costs no calls.
-- KEYS[1] counts
-- ARGV[1] namespace  [2] scope  [3] reason  [4] 1 = an operator holds it: no probe lifts it
-- Returns 1.
-- Invariant: parking moves no job; claims pass the scope's lanes over from now on.

park(ARGV[2], math.floor(now_us() / 1000), ARGV[3])
if ARGV[4] == '1' then redis.call('HSET', key('scope:' .. ARGV[2]), 'held', 1, 'next_probe', '') end
return 1
