-- Counts the tasks in sets of jobs: a job that several tasks share says in its name how many they are, and in `left`
-- how many it no longer has.
--
-- KEYS  how the keys of the queue begin, with a colon
-- ARGV  for how many jobs of each set to look at most, at both of its ends; what a shared job's id begins with; then the
--       lists and sorted sets
--
-- Returns a number for each. Of a longer set, the jobs between the ends count as those at the ends do.
local most, sharedPrefix = tonumber(ARGV[1]), ARGV[2]
local counts = {}
for argument = 3, #ARGV do
  local set = KEYS[1] .. ARGV[argument]
  local isList = redis.call('TYPE', set).ok == 'list'
  local jobs = redis.call(isList and 'LLEN' or 'ZCARD', set)
  local ids = redis.call(isList and 'LRANGE' or 'ZRANGE', set, 0, most - 1)
  local last = jobs > most and redis.call(isList and 'LRANGE' or 'ZRANGE', set, math.max(most, jobs - most), -1) or {}
  local tasks, seen = 0, #ids + #last
  for _, part in ipairs({ ids, last }) do
    for _, id in ipairs(part) do
      local isShared = string.sub(id, 1, #sharedPrefix) == sharedPrefix
      local job = isShared and redis.call('HMGET', KEYS[1] .. id, 'name', 'left') or { '1' }
      tasks = tasks + (tonumber(string.match(job[1] or '1', '%d+')) or 1) - (job[2] or 0)
    end
  end
  counts[#counts + 1] = seen == 0 and 0 or math.floor(tasks / seen * jobs + 0.5)
end
return counts
