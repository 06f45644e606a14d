-- park.lua: stop a scope: its work stays where it is and costs no calls.
-- KEYS[1] counts
-- ARGV[1] namespace  [2] scope  [3] reason
-- Returns 1.
-- Invariant: parking moves no job; claims pass the scope's lanes over from now on.

park(ARGV[2], math.floor(now_us() / 1000), ARGV[3])
return 1
