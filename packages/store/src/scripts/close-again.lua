-- Puts a task's result back when its job was not retried after all.
--
-- KEYS  task key, result key, where the result was put aside, the job, BullMQ's sets of completed and of failed jobs
-- ARGV  job id
--
-- A job that is under way was retried, perhaps by somebody else: the old result must not block the new one.
local task, result, aside, job, completed, failed = unpack(KEYS)
local jobId = ARGV[1]

local ended = redis.call('ZSCORE', completed, jobId) or redis.call('ZSCORE', failed, jobId)
if not ended and redis.call('EXISTS', job) == 1 then return redis.call('DEL', aside) end
if redis.call('EXISTS', aside) == 0 then return 0 end
local ttl = redis.call('PTTL', aside)
if redis.call('RENAMENX', aside, result) == 0 then return redis.call('DEL', aside) end
if ttl > 0 then redis.call('PEXPIRE', task, ttl) end
return 1
