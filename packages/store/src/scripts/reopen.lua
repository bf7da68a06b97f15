-- Prepares another run of an ended task: takes its result away, and keeps its record. The result goes into a journal: the
-- caller may die before BullMQ has the job again.
--
-- KEYS  task key, result key, the journal, the job, the set that BullMQ keeps the ended job in, the run of
--       the result, which is kept beside for as long as it was to be
-- ARGV  job id, task id, queue, time for which the task is known without a result (s), end of the run that was seen (ms since 1970)
--
-- The journal holds 'ms since 1970|remaining time of the result (ms)|queue|task id|result' by job id.
--
-- It changes nothing if the job does not exist or is not the task's. Returns 0 if somebody else is about to run it again, or has.
local task, result, journal, job, set, run = unpack(KEYS)
local jobId, taskId, queue, ttl, endedAt = unpack(ARGV)

if redis.call('HEXISTS', journal, jobId) == 1 or (redis.call('HGET', job, 'finishedOn') or '') ~= endedAt then return 0 end
if not redis.call('ZSCORE', set, jobId) then return 1 end
local known = readRecord(task)
if known and known[RECORD.job] ~= jobId then return 1 end

redis.call('EXPIRE', task, ttl)
-- BullMQ's count of the workers that this job has lost, and ours of those that died; the new run begins with none.
redis.call('HDEL', job, 'stc')
if known and known[RECORD.suspect] .. known[RECORD.checkpoint] ~= '' then
  known[RECORD.suspect], known[RECORD.checkpoint] = '', ''
  writeRecord(task, known)
end
-- It counts as accepted now: its time in the queue starts here.
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('HSET', job, 'timestamp', now)
local remaining = redis.call('PTTL', result)
local message = redis.call('GET', result)
if not message then return 1 end
redis.call('HSET', journal, jobId, table.concat({ now, remaining, queue, taskId, message }, '|'))
redis.call('DEL', result)
if redis.call('EXISTS', run) == 1 then redis.call('RENAME', run, run .. '|') end
return 1
