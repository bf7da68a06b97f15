-- How many completed jobs there are besides the newest ones that together have at most so many tasks; see count-tasks.lua.
--
-- KEYS  how the keys of the queue begin, with a colon
-- ARGV  so many tasks; what a shared job's id begins with
local completed, most, sharedPrefix = KEYS[1] .. 'completed', tonumber(ARGV[1]), ARGV[2]
local jobs, tasks = 0, 0
local CHUNK = 200
repeat
  local ids = redis.call('ZREVRANGE', completed, jobs, jobs + CHUNK - 1)
  for _, id in ipairs(ids) do
    local name = string.sub(id, 1, #sharedPrefix) == sharedPrefix and redis.call('HGET', KEYS[1] .. id, 'name')
    tasks = tasks + (name and tonumber(string.match(name, '%d+')) or 1)
    if tasks > most then return redis.call('ZCARD', completed) - jobs end
    jobs = jobs + 1
  end
until #ids < CHUNK
return 0
