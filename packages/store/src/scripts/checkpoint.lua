-- Takes the checkpoint of a task, or keeps a new one.
--
-- KEYS  task key, result key
-- ARGV  the job, which of its starts the attempt is; to keep one also the checkpoint: JSON in which no bar is
--
-- The record notes 'start:checkpoint'. Once an attempt has taken it, those that started earlier can keep none: their worker
-- was given up, but may still live.
--
-- Returns {status, the checkpoint or ''}
--   'kept'    taken, or kept
--   'passed'  a later attempt has begun
--   'ended'   the task has its result, or is not known
local job, start, new = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local known = readRecord(KEYS[1])
if not known or known[RECORD.job] ~= job or redis.call('EXISTS', KEYS[2]) == 1 then return { 'ended', '' } end
local latest, old = string.match(known[RECORD.checkpoint], '^(%d+):(.*)$')
if latest and tonumber(latest) > start then return { 'passed', '' } end
known[RECORD.checkpoint] = start .. ':' .. (new or old or '')
writeRecord(KEYS[1], known)
return { 'kept', new or old or '' }
