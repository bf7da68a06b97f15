-- Prepares another run of an ended task: takes its result away, and keeps its record.
--
-- KEYS  task key, result key, the job, the set that BullMQ keeps the ended job in
-- ARGV  job id, time for which the task is known without a result (s)
--
-- Returns the result and its remaining time (ms), or nothing. It changes nothing if the job does not exist or is not the
-- task's.
local task, result, job, set = unpack(KEYS)
local jobId, ttl = ARGV[1], ARGV[2]

if not redis.call('ZSCORE', set, jobId) then return nil end
local known = readRecord(task)
if known and known[RECORD.job] ~= jobId then return nil end

redis.call('EXPIRE', task, ttl)
-- BullMQ's count of the workers that this job has lost; the new run begins with none.
redis.call('HDEL', job, 'stc')
-- It counts as accepted now: its time in the queue starts here.
local time = redis.call('TIME')
redis.call('HSET', job, 'timestamp', string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
local remaining = redis.call('PTTL', result)
local message = redis.call('GETDEL', result)
return message and { message, remaining } or nil
