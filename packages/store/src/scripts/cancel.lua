-- Cancels a task: notes it until the task has its result, and tells the workers.
--
-- KEYS  task key, result key, cancellations
-- ARGV  task id, now (ms since 1970), channel of the workers
--
-- The hash of cancellations holds 'job id|ms since 1970' of each cancelled task. announce.lua deletes a task there when
-- it stores its result, and nothing is written for a task that is unknown or has a result: so no entry can end a later
-- task with the same id.
--
-- Returns {status, job id, queue, 1 if it has a checkpoint}; the queue of a task of format 1 is ''.
--   {'asked', …}     the task has no result; the cancel is noted, now or before
--   {'finished'}     it has one
--   {'unknown'}      there is no such task, or it is no longer known
local known = readRecord(KEYS[1])
if redis.call('EXISTS', KEYS[2]) == 1 then return { 'finished' } end
if not known then return { 'unknown' } end
redis.call('HSETNX', KEYS[3], ARGV[1], known[RECORD.job] .. '|' .. ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[1])
return { 'asked', known[RECORD.job], known[RECORD.queue], hasCheckpoint(known) and 1 or 0 }
