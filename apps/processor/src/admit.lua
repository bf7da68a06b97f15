-- Admits tasks: decides for each whether its id is new, and remembers it.
--
-- KEYS  for each task: task key, result key
-- ARGV  [1] this processor's id, [2] copy window (ms), [3] a channel of requests;
--       then for each task: fingerprint, time to live (s), job id
--
-- The task key holds 'fingerprint|job id|asked by|asked at (ms)': its BullMQ job, and the last request for it.
--
-- Returns for each task {status, detail}:
--   {'enqueue', job id}       a new task, or one that is under way: adding its job again changes nothing
--   {'enqueue_copy', job id}  the same, but another processor has just had this very message: it answers
--   {'repeat', message}       the task has a result already
--   {'conflict', ''}          the id belongs to another task
--   {'copy', ''}              another processor has just had this very message, and answers
--
-- Several processors each receive every published message. What one of them sees within the copy window after another
-- one is taken for a copy of the same message, not for somebody asking again; unless nobody else listens any more.
local processor, window, channel = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local isAlone -- asked for only when it matters

local function othersListen()
  if isAlone == nil then isAlone = redis.call('PUBSUB', 'NUMSUB', channel)[2] < 2 end
  return not isAlone
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local asked = '|' .. processor .. '|' .. string.format('%.0f', now)
local answers = {}
for i = 1, #KEYS / 2 do
  local task, result = KEYS[2 * i - 1], KEYS[2 * i]
  local fingerprint, ttl, job = ARGV[3 * i + 1], ARGV[3 * i + 2], ARGV[3 * i + 3]
  if redis.call('SET', task, fingerprint .. '|' .. job .. asked, 'EX', ttl, 'NX') then
    answers[i] = { 'enqueue', job }
  else
    local knownFingerprint, knownJob, askedBy, askedAt =
      string.match(redis.call('GET', task), '^(.-)|(.-)|(.-)|(.-)$')
    local copy = askedBy ~= processor and now - tonumber(askedAt) < window and othersListen()
    if not copy then
      redis.call('SET', task, knownFingerprint .. '|' .. knownJob .. asked, 'KEEPTTL')
    end
    local message = redis.call('GET', result)
    if knownFingerprint ~= fingerprint then
      answers[i] = { copy and 'copy' or 'conflict', '' }
    elseif not message then
      answers[i] = { copy and 'enqueue_copy' or 'enqueue', knownJob }
    else
      answers[i] = copy and { 'copy', '' } or { 'repeat', message }
    end
  end
end
return answers
