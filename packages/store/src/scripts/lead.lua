-- Which processor leads: takes the messages without a task id, and answers what cannot become a task.
--
-- KEYS[1]  leader key: the instance that leads; it expires
-- ARGV     this instance, lease (ms), channel on which the leader is told, beginning of the processors' own channels,
--          who leads as far as this processor knows: when that is wrong, all are told again
--
-- A leader whose own channel nobody hears is gone, and so is its lease. A new leader is published on a channel that all
-- processors hear over the connection of their messages: so the change is at the same place among the messages for all,
-- and each message has exactly one leader.
--
-- Always publishes on this processor's own channel: the proof that it hears.
local instance, lease, channel, own, believed = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local leader = redis.call('GET', KEYS[1])
if leader and leader ~= instance and redis.call('PUBSUB', 'NUMSUB', own .. leader)[2] == 0 then leader = false end
local leads = not leader or leader == instance
if leads then redis.call('SET', KEYS[1], instance, 'PX', lease) end
local now = leads and instance or leader
if not leader or now ~= believed then redis.call('PUBLISH', channel, now) end
return redis.call('PUBLISH', own .. instance, '')
