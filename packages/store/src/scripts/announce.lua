-- Publishes events, then answers. The only place where a result is stored and published.
--
-- KEYS[1]    how all keys begin: the prefix with its hash tag, and a colon, so that the rules of an ACL cover it
-- ARGV[1…5]  events channel, results channel, result TTL (s), 's' if there is a results stream and 'c' on a
--            cluster, number of events
-- ARGV[6…]   the events; then for each answer: 'mode|task id or nothing|time stamp|start or nothing|reply channel or
--            nothing', message, for the results stream the request, and the run, or nothing
--
-- Modes: 'completed', 'error'  the result of a task that ran: stored once; a second one is dropped (promise 3). With a '*'
--                              behind, the task has a checkpoint, which ends with it
--        'rejection'           an error of a message that did not become a task: kept under the id that it names, apart
--                              from results, so that a later, good request with its id may run
--        'repeat'              a stored result, asked for again (promise 4)
--
-- Events are published only when somebody listens; `finished` is cut from the result then, and so is the `started` of an
-- answer with a start: 'number of the attempt,time stamp'. A node of a cluster does not know who listens at the others.
local prefix = string.sub(KEYS[1], 1, -2)
local eventsChannel, resultsChannel, ttl, flags = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local isStreamed = string.find(flags, 's')
local firstEvent, firstAnswer = 6, 6 + tonumber(ARGV[5])
local cancellations, stream = prefix .. ':cancellations', prefix .. ':results'
local resultPrefix, taskPrefix, runPrefix = prefix .. ':result:', prefix .. ':task:', prefix .. ':run:'

-- First all that a full Redis may refuse, so that nothing was published yet when the call is repeated.
local cancelling = redis.call('EXISTS', cancellations) == 1
local published = {}
for argument = firstAnswer, #ARGV, 4 do
  local message, request, run = ARGV[argument + 1], ARGV[argument + 2], ARGV[argument + 3]
  local mode, star, id = string.match(ARGV[argument], '^(%a+)(%*?)|([^|]*)')
  local isFinal = mode == 'completed' or mode == 'error'
  local isNew = true
  if isFinal then
    isNew = redis.call('SET', resultPrefix .. id, message, 'EX', ttl, 'NX')
    local task = taskPrefix .. id
    local known = star ~= '' and readRecord(task)
    if known then
      known[RECORD.checkpoint] = ''
      writeRecord(task, known)
    end
    redis.call('EXPIRE', task, ttl)
    if isNew and run ~= '' then redis.call('SET', runPrefix .. id, run, 'EX', ttl) end
    if cancelling then redis.call('HDEL', cancellations, id) end
  elseif mode == 'rejection' and id ~= '' then
    redis.call('SET', prefix .. ':rejection:' .. id, message, 'EX', ttl)
  end
  if isNew then
    published[#published + 1] = argument
    if isStreamed and mode ~= 'repeat' then
      if run == '' and request ~= '' then
        redis.call('XADD', stream, '*', 'message', message, 'request', request)
      else
        local entry = { 'message', message }
        if request ~= '' then entry[3], entry[4] = 'request', request end
        if run ~= '' then entry[#entry + 1], entry[#entry + 2] = 'run', run end
        redis.call('XADD', stream, '*', unpack(entry))
      end
    end
  end
end

local isHeard = string.find(flags, 'c') or redis.call('PUBSUB', 'NUMSUB', eventsChannel)[2] > 0 or redis.call('PUBSUB', 'NUMPAT') > 0

-- Before the metadata are only the ids of task, type and user, in whose JSON a quotation mark is always escaped.
local function publishCut(result, rest)
  redis.call('PUBLISH', eventsChannel, string.sub(result, 1, string.find(result, ',"metadata":', 1, true)) .. rest)
end

if isHeard then
  for argument = firstAnswer, #ARGV, 4 do
    local attempt, at = string.match(ARGV[argument], '^[^|]*|[^|]*|[^|]*|(%d+),([^|]*)')
    if at then publishCut(ARGV[argument + 1], '"timestamp":"' .. at .. '","event":"started","attempt":' .. attempt .. '}') end
  end
  for argument = firstEvent, firstAnswer - 1 do
    redis.call('PUBLISH', eventsChannel, ARGV[argument])
  end
end

for _, argument in ipairs(published) do
  local message = ARGV[argument + 1]
  redis.call('PUBLISH', resultsChannel, message)
  local replyTo = string.match(ARGV[argument], '^[^|]*|[^|]*|[^|]*|[^|]*|(.+)$')
  if replyTo and replyTo ~= resultsChannel then redis.call('PUBLISH', replyTo, message) end
  local mode, timestamp = string.match(isHeard and ARGV[argument] or '', '^(%a+)%*?|[^|]*|([^|]*)')
  if mode == 'completed' or mode == 'error' then
    publishCut(message, '"event":"finished","timestamp":"' .. timestamp .. '","status":"' .. mode .. '"}')
  end
end
