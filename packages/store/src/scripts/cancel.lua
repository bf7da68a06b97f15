-- Asks for the end of a task: remembers that until the task has its result, and tells the workers.
--
-- KEYS  task key, result key, cancellations
-- ARGV  task id, now (ms since 1970), channel of the workers
--
-- The hash of cancellations holds 'job id|ms since 1970' of each task that is to end. announce.lua strikes a task out when
-- it stores its result, and nothing is written for one that is unknown or has a result: so nothing that is left here can
-- end a later task of the same id.
--
-- Returns {status, job id, queue}; the queue of a task of format 1 is ''.
--   {'asked', …}     the task has no result; it was asked for before, or is now
--   {'finished'}     it has one
--   {'unknown'}      there is no such task, or it is forgotten
local known = readRecord(KEYS[1])
if redis.call('EXISTS', KEYS[2]) == 1 then return { 'finished' } end
if not known then return { 'unknown' } end
redis.call('HSETNX', KEYS[3], ARGV[1], known[RECORD.job] .. '|' .. ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[1])
return { 'asked', known[RECORD.job], known[RECORD.queue] }
