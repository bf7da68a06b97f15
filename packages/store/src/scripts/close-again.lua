-- Ends what reopen.lua began: gives the result back if the job was not run again after all, and deletes it from the journal.
--
-- KEYS  task key, result key, the journal, cancellations, the job, BullMQ's sets of completed and of failed jobs, the run of
--       the result
-- ARGV  job id, task id
--
-- A job that is under way was retried, whoever did it: its new result must not find the old one in its place.
local task, result, journal, cancellations, job, completed, failed, run = unpack(KEYS)
local jobId, taskId = ARGV[1], ARGV[2]

local entry = redis.call('HGET', journal, jobId)
if not entry then return end
redis.call('HDEL', journal, jobId)
local ended = redis.call('ZSCORE', completed, jobId) or redis.call('ZSCORE', failed, jobId)
if not ended and redis.call('EXISTS', job) == 1 then return end
local remaining, message = string.match(entry, '^%d+|(%-?%d+)|[^|]*|[^|]*|(.*)$')
local ttl = math.max(1, tonumber(remaining))
if redis.call('SET', result, message, 'PX', ttl, 'NX') then
  redis.call('PEXPIRE', task, ttl)
  if redis.call('EXISTS', run .. '|') == 1 then redis.call('RENAME', run .. '|', run) end
  -- A cancel is about a task without a result.
  redis.call('HDEL', cancellations, taskId)
end
