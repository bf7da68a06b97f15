-- Publishes events, then answers. The only place where a result is stored and published.
--
-- KEYS[1]    results stream
-- KEYS[2]    cancellations: a task is deleted there with its result, see cancel.lua
-- KEYS[3…]   for each answer that names its task: task key, result key, rejection key
-- ARGV[1…5]  events channel, results channel, result TTL (s), length of the results stream (0: none), number of events
-- ARGV[6…]   the events; then for each answer: mode, reply channel or '', message, finished event or ''
--
-- Modes: 'final'      the result of a task that ran: stored once; a second one is dropped (promise 3)
--        'rejection'  an error that names a task which never ran; a later, good request with its id may still run
--        'anonymous'  an error that names no task
--        'repeat'     a stored result, asked for again (promise 4)
--
-- Returns the number of answers that were published.
local eventsChannel, resultsChannel, ttl, streamLength = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local firstEvent, firstAnswer = 6, 6 + tonumber(ARGV[5])

-- First all that a full Redis may refuse, so that nothing was published yet when the call is repeated.
local key = 3
local publishes = {}
local cancelling = redis.call('EXISTS', KEYS[2]) == 1
for argument = firstAnswer, #ARGV, 4 do
  local mode, message = ARGV[argument], ARGV[argument + 2]
  local publish = true
  if mode == 'final' then
    publish = redis.call('SET', KEYS[key + 1], message, 'EX', ttl, 'NX')
    redis.call('EXPIRE', KEYS[key], ttl)
    -- Neither prefix nor task id holds a colon.
    if cancelling then redis.call('HDEL', KEYS[2], string.match(KEYS[key], '[^:]*$')) end
  elseif mode == 'rejection' then
    redis.call('SET', KEYS[key + 2], message, 'EX', ttl)
  end
  if mode ~= 'anonymous' then key = key + 3 end
  if publish and streamLength > 0 and mode ~= 'repeat' then
    redis.call('XADD', KEYS[1], 'MAXLEN', '~', streamLength, '*', 'message', message)
  end
  publishes[argument] = publish
end

for argument = firstEvent, firstAnswer - 1 do
  redis.call('PUBLISH', eventsChannel, ARGV[argument])
end

local published = 0
for argument = firstAnswer, #ARGV, 4 do
  if publishes[argument] then
    local replyTo, message, finished = ARGV[argument + 1], ARGV[argument + 2], ARGV[argument + 3]
    redis.call('PUBLISH', resultsChannel, message)
    if replyTo ~= '' and replyTo ~= resultsChannel then redis.call('PUBLISH', replyTo, message) end
    if finished ~= '' then redis.call('PUBLISH', eventsChannel, finished) end
    published = published + 1
  end
end
return published
