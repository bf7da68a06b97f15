-- Admits tasks: decides for each whether its id is new, and remembers it.
--
-- KEYS  how all keys begin: the prefix with its hash tag, and a colon, so that the rules of an ACL cover it; then those of
--       BullMQ's script, if there is one job for all
-- ARGV  this processor, '1' if it is the one that answers, events channel, number of tasks; then for each task: its id, and
--       'time to live (s)|its record'; then the arguments of BullMQ's script
--
-- The field `awaited` of a record is the processor that answers, if that is another one.
--
-- If there is one job for all, and every task is new or waits in that very job, it is added in the same step. Adding it again changes
-- nothing: so this call may be sent again when its answer was lost.
--
-- Returns 1 if somebody listens to events here, 1 if the job was added, then only the exceptions: {place of the task from 0, status,
-- …}. Every other task is new: its job is to be added.
--   'under_way', job id, queue  adding its job again changes nothing
--   'ended', message            it has its result
--   'ended'                     the same, and nobody asks again: it is the submission that made the task, taken again, or the
--                               awaited copy of its request
--   'conflict'                  the id belongs to another task
local function addJob(KEYS, ARGV) --[[OTHER]]
end
local prefix, instance, isAnswering = string.sub(KEYS[1], 1, -2), ARGV[1], ARGV[2] == '1'
local events, rest = ARGV[3], 5 + 2 * ARGV[4]
local isHeard = redis.call('PUBSUB', 'NUMSUB', events)[2] > 0 or redis.call('PUBSUB', 'NUMPAT') > 0
local exceptions, isAdded = {}, #KEYS > 1
for argument = 5, rest - 1, 2 do
  local id, task = ARGV[argument], prefix .. ':task:' .. ARGV[argument]
  local ttl, text = string.match(ARGV[argument + 1], '^(%d+)|(.*)$')
  if not createRecord(task, ttl, text) then
    local known, asked = readRecord(task), parseRecord(text)
    local exception = { (argument - 5) / 2 }
    exceptions[#exceptions + 1] = exception
    if known[RECORD.fingerprint] ~= asked[RECORD.fingerprint] then
      exception[2], isAdded = 'conflict', false
    else
      local isAwaited = isAnswering and known[RECORD.awaited] == instance
      if isAwaited then
        known[RECORD.awaited], known[RECORD.submission] = '', asked[RECORD.submission]
        writeRecord(task, known)
      end
      local message = redis.call('GET', prefix .. ':result:' .. id)
      if message then
        exception[2], isAdded = 'ended', false
        if known[RECORD.submission] ~= asked[RECORD.submission] then exception[3] = message end
      else
        exception[2], exception[3], exception[4] = 'under_way', known[RECORD.job], known[RECORD.queue]
        local isThere = known[RECORD.job] == asked[RECORD.job] and known[RECORD.queue] == asked[RECORD.queue]
        isAdded = isAdded and isThere
      end
    end
  end
end
if isAdded then addJob({ unpack(KEYS, 2) }, { unpack(ARGV, rest) }) end
return { isHeard and 1 or 0, isAdded and 1 or 0, exceptions }
