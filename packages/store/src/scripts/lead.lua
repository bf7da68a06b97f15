-- Which processor leads: takes the messages without a task id, and answers what cannot become a task.
--
-- KEYS[1]  leader key: the instance that leads; it expires
-- ARGV     this instance, lease (ms), channel on which the leader is told, beginning of the processors' own channels,
--          who leads as far as this processor knows: when that is wrong, all are told again; '1' on a cluster
--
-- A leader whose own channel nobody hears is gone, and so is its lease; a node of a cluster does not know who hears it.
-- A new leader is published on a channel that all processors hear over the connection of their messages: so the change is
-- at the same place among the messages for all, and each message has exactly one leader.
--
-- Always publishes on this processor's own channel: the proof that it hears.
local instance, lease, channel, own, believed, clustered = unpack(ARGV)
local leader = redis.call('GET', KEYS[1])
local knowsHearers = clustered ~= '1' and leader and leader ~= instance
if knowsHearers and redis.call('PUBSUB', 'NUMSUB', own .. leader)[2] == 0 then leader = false end
local leads = not leader or leader == instance
if leads then redis.call('SET', KEYS[1], instance, 'PX', lease) end
local now = leads and instance or leader
if not leader or now ~= believed then redis.call('PUBLISH', channel, now) end
return redis.call('PUBLISH', own .. instance, '')
