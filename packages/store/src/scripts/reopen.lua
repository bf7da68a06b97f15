-- Prepares another run of an ended task: puts its result aside, and keeps its record.
--
-- KEYS  task key, result key, where the result is put aside, the job, the set that BullMQ keeps the ended job in
-- ARGV  job id, time for which the task is known without a result (s)
--
-- Returns 1 when a result was put aside, else 0. It changes nothing if the job does not exist or is not the task's.
local task, result, aside, job, set = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local jobId, ttl = ARGV[1], ARGV[2]

if not redis.call('ZSCORE', set, jobId) then return 0 end
local known = readRecord(task)
if known and known[RECORD.job] ~= jobId then return 0 end

redis.call('EXPIRE', task, ttl)
-- BullMQ's count of the workers that this job has lost; the new run begins with none.
redis.call('HDEL', job, 'stc')
-- It counts as accepted now: its time in the queue starts here.
local time = redis.call('TIME')
redis.call('HSET', job, 'timestamp', string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
if redis.call('EXISTS', result) == 0 then return 0 end
redis.call('RENAME', result, aside)
return 1
