-- Trims the results stream behind what its groups have acknowledged.
--
-- KEYS  results stream, hash of the groups that missed results, who writes the history
-- ARGV  results to keep although every group has them, most bytes, time for which a miss is told (s), group of the history,
--       time without a reader after which it goes (ms)
--
-- A stream of more bytes is trimmed whatever the groups have read: a group that was away for too long must not fill Redis. It is
-- noted with the time (ms since 1970).
--
-- The group of a history that nobody writes any more is removed: no web server does that when none is started. It loses nothing
-- that is still here then, since the next one begins at the start of the stream.
--
-- Returns the names of the groups that miss results now.
local stream, misses = KEYS[1], KEYS[2]
local keep, maxBytes, toldFor, history, leftAfter = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4], tonumber(ARGV[5])

local function field(pairs, name)
  for place = 1, #pairs, 2 do
    if pairs[place] == name then return pairs[place + 1] end
  end
end

local function isBefore(id, other)
  local ms, count = string.match(id, '(%d+)-(%d+)')
  local otherMs, otherCount = string.match(other, '(%d+)-(%d+)')
  if ms ~= otherMs then return tonumber(ms) < tonumber(otherMs) end
  return tonumber(count) < tonumber(otherCount)
end

local length = redis.call('EXISTS', stream) == 1 and redis.call('XLEN', stream) or 0
if length == 0 then return {} end

local function isLeft(group)
  if group ~= history or length <= keep or redis.call('EXISTS', KEYS[3]) == 1 then return false end
  for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', stream, group)) do
    if field(consumer, 'idle') < leftAfter then return false end
  end
  return true
end

-- Where what a group has not acknowledged begins: at an entry that it was given, or behind the last one.
local starts, oldest = {}, nil
for _, group in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
  local name, behind = field(group, 'name'), field(group, 'last-delivered-id')
  if isLeft(name) then
    redis.call('XGROUP', 'DESTROY', stream, name)
  else
    local at = field(group, 'pending') > 0 and redis.call('XPENDING', stream, name)[2] or nil
    starts[name] = { at = at, behind = behind }
    if not oldest or isBefore(at or behind, oldest) then oldest = at or behind end
  end
end

if length > keep then
  if oldest then
    redis.call('XTRIM', stream, 'MINID', '~', oldest, 'LIMIT', length - keep)
  else
    redis.call('XTRIM', stream, 'MAXLEN', '~', keep)
  end
end

-- All of it: results differ in size by a factor of a million, so a sample says nothing.
local function bytesOfStream() return redis.call('MEMORY', 'USAGE', stream, 'SAMPLES', 0) end
if bytesOfStream() <= maxBytes then return {} end
for name, start in pairs(starts) do
  local unread = start.at or redis.call('XRANGE', stream, '(' .. start.behind, '+', 'COUNT', 1)[1]
  starts[name] = type(unread) == 'table' and unread[1] or unread
end
repeat
  length = redis.call('XLEN', stream)
  redis.call('XTRIM', stream, 'MAXLEN', length - math.max(1, math.floor(length / 50)))
until length <= 1 or bytesOfStream() <= maxBytes
local first = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
local time = redis.call('TIME')
local missing = {}
for name, unread in pairs(starts) do
  if unread and (not first or isBefore(unread, first[1])) then
    missing[#missing + 1] = name
    redis.call('HSET', misses, name, string.format('%.0f', time[1] * 1000))
    redis.call('EXPIRE', misses, toldFor)
  end
end
return missing
