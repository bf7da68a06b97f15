-- Admits tasks: decides for each whether its id is new, and remembers it.
--
-- KEYS  for each task: task key, result key
-- ARGV  [1] this processor, [2] the one that answers; then for each task: fingerprint, time to live (s), job id, queue
--
-- Returns for each task {status, …}:
--   {'new'}                      its job is to be added
--   {'under_way', job id, queue} adding its job again changes nothing
--   {'ended', message}           it has its result
--   {'ended'}                    the same, and nobody asks again: it is the awaited copy of the request
--   {'conflict'}                 the id belongs to another task
local instance, answerer = ARGV[1], ARGV[2]
local awaited = answerer ~= instance and answerer or ''
local answers = {}
for i = 1, #KEYS / 2 do
  local task, result = KEYS[2 * i - 1], KEYS[2 * i]
  local fingerprint, ttl, job, queue = unpack(ARGV, 4 * i - 1, 4 * i + 2)
  if createRecord(task, ttl, fingerprint, job, awaited, queue) then
    answers[i] = { 'new' }
  else
    local known = readRecord(task)
    if known[RECORD.fingerprint] ~= fingerprint then
      answers[i] = { 'conflict' }
    else
      local message = redis.call('GET', result)
      local isAwaited = answerer == instance and known[RECORD.awaited] == instance
      if isAwaited then
        known[RECORD.awaited] = ''
        writeRecord(task, known)
      end
      if not message then
        answers[i] = { 'under_way', known[RECORD.job], known[RECORD.queue] }
      else
        answers[i] = { 'ended', not isAwaited and message or nil }
      end
    end
  end
end
return answers
