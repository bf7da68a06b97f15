-- Counts the tasks in sets of jobs. A shared job says in its name how many it had at first; in `gone`, a bar and the id of each task that
-- has left it; and in `ended`, how many have ended while others go on.
--
-- KEYS  how the keys of the queue begin, with a colon
-- ARGV  for how many jobs of each set to look at most, at both of its ends; what a shared job's id begins with; then the
--       lists and sorted sets: those that are not completed before those that are
--
-- Returns a number for each. Of a longer set, the jobs between the ends count as those at the ends do.
local most, sharedPrefix = tonumber(ARGV[1]), ARGV[2]
local counts, ended = {}, 0
for argument = 3, #ARGV do
  local set = KEYS[1] .. ARGV[argument]
  local isList = redis.call('TYPE', set).ok == 'list'
  local isActive, isCompleted = ARGV[argument] == 'active', ARGV[argument] == 'completed'
  local jobs = redis.call(isList and 'LLEN' or 'ZCARD', set)
  local ids = redis.call(isList and 'LRANGE' or 'ZRANGE', set, 0, most - 1)
  local last = jobs > most and redis.call(isList and 'LRANGE' or 'ZRANGE', set, math.max(most, jobs - most), -1) or {}
  local tasks, seen = 0, #ids + #last
  for _, part in ipairs({ ids, last }) do
    for _, id in ipairs(part) do
      local job = { '1' }
      if string.sub(id, 1, #sharedPrefix) == sharedPrefix then job = redis.call('HMGET', KEYS[1] .. id, 'name', 'gone', 'ended') end
      local gone = job[2] and select(2, string.gsub(job[2], '|', '')) or 0
      local done = isActive and tonumber(job[3] or 0) or 0
      ended = ended + done
      tasks = tasks + (tonumber(string.match(job[1] or '1', '%d+')) or 1) - gone - done
    end
  end
  counts[#counts + 1] = (seen == 0 and 0 or math.floor(tasks / seen * jobs + 0.5)) + (isCompleted and ended or 0)
end
return counts
