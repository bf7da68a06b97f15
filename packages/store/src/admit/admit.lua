-- Admits tasks: decides for each whether its id is new, and remembers it.
--
-- KEYS  for each task: task key, result key
-- ARGV  [1] this processor, [2] the one that led when the tasks came;
--       then for each task: fingerprint, time to live (s), job id
--
-- The task key holds 'fingerprint|job id|awaited': what the task is, its BullMQ job, and the leading processor, while its
-- own copy of the request is still to come: another one was faster.
--
-- Returns for each task {status, detail}:
--   {'enqueue', job id}  a new task, or one that is under way: adding its job again changes nothing
--   {'receipt', ''}      the awaited copy of a request whose task has ended meanwhile
--   {'repeat', message}  the task has a result already
--   {'conflict', ''}     the id belongs to another task
local instance, leader = ARGV[1], ARGV[2]
local awaited = leader ~= instance and leader or ''
local answers = {}
for i = 1, #KEYS / 2 do
  local task, result = KEYS[2 * i - 1], KEYS[2 * i]
  local fingerprint, ttl, job = ARGV[3 * i], ARGV[3 * i + 1], ARGV[3 * i + 2]
  if redis.call('SET', task, fingerprint .. '|' .. job .. '|' .. awaited, 'EX', ttl, 'NX') then
    answers[i] = { 'enqueue', job }
  else
    local knownFingerprint, knownJob, whom = string.match(redis.call('GET', task), '^([^|]*)|([^|]*)|?(.*)$')
    if knownFingerprint ~= fingerprint then
      answers[i] = { 'conflict', '' }
    else
      local message = redis.call('GET', result)
      local isAwaited = leader == instance and whom == instance
      if isAwaited then redis.call('SET', task, knownFingerprint .. '|' .. knownJob .. '|', 'KEEPTTL') end
      if not message then
        answers[i] = { 'enqueue', knownJob }
      else
        answers[i] = isAwaited and { 'receipt', '' } or { 'repeat', message }
      end
    end
  end
end
return answers
