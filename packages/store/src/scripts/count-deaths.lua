-- Notes that a suspect, a task that its worker lost, starts in a worker. Counts the workers that died since it is one.
--
-- KEYS  task key, heartbeats of the services
-- ARGV  the worker, how often the task was lost, after how long without a heartbeat a worker is dead (ms)
--
-- The record notes 'deaths:worker:times lost' of the latest start. That worker died if the task was lost again since, and it
-- has no heartbeat, or one that is older than that of the worker which asks: if Redis stood still, all are old.
--
-- Returns the number of deaths.
local instance, timesLost, silentAfter = ARGV[1], ARGV[2], tonumber(ARGV[3])
local known = readRecord(KEYS[1])
if not known then return 0 end

local function beatAt(worker)
  local beat = redis.call('HGET', KEYS[2], worker)
  return beat and tonumber(string.match(beat, '"at":(%d+)'))
end

local deaths, worker, lostBefore = string.match(known[RECORD.suspect], '^(%d+):([^:]*):(%d+)$')
deaths = tonumber(deaths or 0)
if worker and worker ~= instance and tonumber(timesLost) > tonumber(lostBefore) then
  local theirs, ours = beatAt(worker), beatAt(instance)
  if not theirs or (ours and ours - theirs > silentAfter) then deaths = deaths + 1 end
end
known[RECORD.suspect] = table.concat({ deaths, instance, timesLost }, ':')
writeRecord(KEYS[1], known)
return deaths
