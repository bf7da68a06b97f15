-- Moves tasks from the job that several of them share to jobs of their own.
--
-- KEYS  how all keys begin: the prefix with its hash tag, and a colon, so that the rules of an ACL cover it
-- ARGV  the job that they leave, how long (s) the key `left:<job>` is kept; then for each task: its id, its new job
--
-- The job has in its field `gone` the tasks that no longer belong to it, each behind a bar. Before its first start, also
-- when it is not added yet, the key `left:<job>` says that there are some: then its worker looks who is left.
--
-- Returns the places (from 0) of the tasks that are in neither job: they are not to be added. One that was moved before is.
local prefix, from, leftForS = string.sub(KEYS[1], 1, -2), ARGV[1], ARGV[2]
local cancellations = prefix .. ':cancellations'
local elsewhere, gone, job = {}, '', nil
for argument = 3, #ARGV, 2 do
  local id, to = ARGV[argument], ARGV[argument + 1]
  local key = prefix .. ':task:' .. id
  local known = readRecord(key)
  if known and known[RECORD.job] == from then
    known[RECORD.job] = to
    writeRecord(key, known)
    gone, job = gone .. '|' .. id, prefix .. ':' .. known[RECORD.queue] .. ':' .. from
    local cancel = redis.call('HGET', cancellations, id)
    if cancel and string.match(cancel, '^[^|]*') == from then
      redis.call('HSET', cancellations, id, to .. string.match(cancel, '|.*$'))
    end
  elseif known and known[RECORD.job] ~= to then
    elsewhere[#elsewhere + 1] = (argument - 3) / 2
  end
end
if job and redis.call('EXISTS', job) == 1 then
  redis.call('HSET', job, 'gone', (redis.call('HGET', job, 'gone') or '') .. gone)
end
if job and redis.call('HEXISTS', job, 'processedOn') == 0 then redis.call('SET', prefix .. ':left:' .. from, '', 'EX', leftForS) end
return elsewhere
