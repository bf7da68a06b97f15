-- Takes a heartbeat: what a process is, and by how much its counters have grown.
--
-- KEYS  services, counters, minute, latest results, latest failures
-- ARGV  [1] instance, [2] sequence number of the growth, [3] the beat as JSON, [4] time to live of a minute (s),
--       [5] how many of the latest to keep, [6] number of counters, [7] number of results;
--       then for each counter: sample, growth, '1' if it is kept by the minute; then results, then failures
--
-- A process without an answer sends the same growth again, with the same number: it counts once.
local instance, sequence, beat = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local known = redis.call('HGET', KEYS[1], instance)
redis.call('HSET', KEYS[1], instance, beat)
if known and (tonumber(string.match(known, '"sequence":(%d+)')) or -1) >= sequence then return 0 end
local firstResult = 8 + 3 * tonumber(ARGV[6])
for argument = 8, firstResult - 1, 3 do
  redis.call('HINCRBYFLOAT', KEYS[2], ARGV[argument], ARGV[argument + 1])
  if ARGV[argument + 2] == '1' then
    redis.call('HINCRBYFLOAT', KEYS[3], ARGV[argument], ARGV[argument + 1])
    redis.call('EXPIRE', KEYS[3], ARGV[4])
  end
end
local firstFailure = firstResult + tonumber(ARGV[7])
for argument = firstResult, #ARGV do
  local list = argument < firstFailure and KEYS[4] or KEYS[5]
  redis.call('LPUSH', list, ARGV[argument])
  redis.call('LTRIM', list, 0, tonumber(ARGV[5]) - 1)
end
return 1
