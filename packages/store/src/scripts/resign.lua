-- Gives up the lead, so that another processor can take it at once.
--
-- KEYS[1]  leader key
-- ARGV     this instance, channel on which the leader is told
--
-- Returns how many processors hear that nobody leads now, this one included; 0 when it did not lead.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return redis.call('PUBLISH', ARGV[2], '')
