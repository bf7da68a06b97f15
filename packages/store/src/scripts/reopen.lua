-- Makes way for another run of a task that has ended: takes its result away, and lets the task live on.
--
-- KEYS  task key, result key, the job, the set that BullMQ keeps the ended job in
-- ARGV  job id, time for which the task is known without a result (s)
--
-- Returns the result and its remaining time (ms), or nothing. It leaves all as it is when the job is not there, or not the
-- task's.
local task, result, job, set = unpack(KEYS)
local jobId, ttl = ARGV[1], ARGV[2]

if not redis.call('ZSCORE', set, jobId) then return nil end
local known = readRecord(task)
if known and known[RECORD.job] ~= jobId then return nil end

redis.call('EXPIRE', task, ttl)
-- BullMQ's count of the workers that this job has lost; the new run begins with none.
redis.call('HDEL', job, 'stc')
-- It is accepted anew: how long it waits, and is told to have waited, begins now.
local time = redis.call('TIME')
redis.call('HSET', job, 'timestamp', string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
local remaining = redis.call('PTTL', result)
local message = redis.call('GETDEL', result)
return message and { message, remaining } or nil
