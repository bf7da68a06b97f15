-- Admits tasks: decides for each whether its id is new, and remembers it.
--
-- KEYS  for each task: task key, result key
-- ARGV  for each task: fingerprint, time to live (s), job id
--
-- The task key holds 'fingerprint|job id': what the task is, and its BullMQ job.
--
-- Returns for each task {status, detail}:
--   {'enqueue', job id}  a new task, or one that is under way: adding its job again changes nothing
--   {'repeat', message}  the task has a result already
--   {'conflict', ''}     the id belongs to another task
local answers = {}
for i = 1, #KEYS / 2 do
  local task, result = KEYS[2 * i - 1], KEYS[2 * i]
  local fingerprint, ttl, job = ARGV[3 * i - 2], ARGV[3 * i - 1], ARGV[3 * i]
  if redis.call('SET', task, fingerprint .. '|' .. job, 'EX', ttl, 'NX') then
    answers[i] = { 'enqueue', job }
  else
    local knownFingerprint, knownJob = string.match(redis.call('GET', task), '^(.-)|(.*)$')
    if knownFingerprint ~= fingerprint then
      answers[i] = { 'conflict', '' }
    else
      local message = redis.call('GET', result)
      answers[i] = message and { 'repeat', message } or { 'enqueue', knownJob }
    end
  end
end
return answers
