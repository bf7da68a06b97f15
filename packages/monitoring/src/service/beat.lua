-- Takes a heartbeat: what a process is, and by how much its counters have grown.
--
-- KEYS  services, counters, minute, latest results, latest failures
-- ARGV  [1] instance, [2] sequence number of the growth, [3] the beat as JSON, [4] time to live of a minute (s),
--       [5] how many of the latest to keep, [6] number of counters, [7] number of results;
--       then for each counter: sample, growth, and 'minute' if it is kept by the minute too, or 'longest' if it is no
--       growth but a value of which the minute keeps the largest; then results, then failures
--
-- A process without an answer sends the same growth again, with the same number: it counts once.
-- Returns the time by Redis' clock, in ms since 1970, which also goes into the beat: the clocks of machines differ.
local time = redis.call('TIME')
local now = time[1] .. string.format('%03d', math.floor(time[2] / 1000))
local instance, sequence = ARGV[1], tonumber(ARGV[2])
local beat = '{"seenAt":' .. now .. ',' .. string.sub(ARGV[3], 2)
local known = redis.call('HGET', KEYS[1], instance)
redis.call('HSET', KEYS[1], instance, beat)
if known and (tonumber(string.match(known, '"sequence":(%d+)')) or -1) >= sequence then return tonumber(now) end
local firstResult = 8 + 3 * tonumber(ARGV[6])
for argument = 8, firstResult - 1, 3 do
  local sample, value, kept = ARGV[argument], ARGV[argument + 1], ARGV[argument + 2]
  if kept == 'longest' then
    local longest = redis.call('HGET', KEYS[3], sample)
    if tonumber(value) > tonumber(longest or 0) then redis.call('HSET', KEYS[3], sample, value) end
  else
    redis.call('HINCRBYFLOAT', KEYS[2], sample, value)
    if kept == 'minute' then redis.call('HINCRBYFLOAT', KEYS[3], sample, value) end
  end
end
redis.call('EXPIRE', KEYS[3], ARGV[4])
local firstFailure = firstResult + tonumber(ARGV[7])
for argument = firstResult, #ARGV do
  local list = argument < firstFailure and KEYS[4] or KEYS[5]
  redis.call('LPUSH', list, ARGV[argument])
  redis.call('LTRIM', list, 0, tonumber(ARGV[5]) - 1)
end
return tonumber(now)
