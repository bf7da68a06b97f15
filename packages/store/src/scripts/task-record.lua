-- The task record: what Redis knows of an admitted task. It is prepended to each script that reads or writes one.
--
-- A string of fields between bars; no field contains a bar. New fields go to the end: in a record of an earlier version
-- they read as empty, and a version keeps fields that it does not know.
--
--   1 fingerprint  of the request: the same id with another one is another task
--   2 job          the BullMQ job that carries the task
--   3 awaited      the processor that answers, until its own copy of the request comes, if another processor was faster
--   4 queue        where that job is; format 1 did not say
--   5 submission   the id of the submission that made the task: taken again, it is not asking again
--   6 suspect      of a task that its worker lost: see count-deaths.lua
--   7 checkpoint   what an attempt left for the next one: see checkpoint.lua
local RECORD = { fingerprint = 1, job = 2, awaited = 3, queue = 4, submission = 5, suspect = 6, checkpoint = 7 }

local function parseRecord(text)
  local record = {}
  for field in string.gmatch(text .. '|', '([^|]*)|') do record[#record + 1] = field end
  for place = #record + 1, RECORD.checkpoint do record[place] = '' end
  return record
end

-- The record of a task; nil when there is no such task.
local function readRecord(key)
  local text = redis.call('GET', key)
  return text and parseRecord(text) or nil
end

-- Whether an attempt has left something for the next one, or for whoever ends the task.
-- By `null` it has taken back what it had left.
local function hasCheckpoint(record)
  local left = string.match(record[RECORD.checkpoint], '^%d+:(.+)$')
  return left ~= nil and left ~= 'null'
end

-- Creates the record of a new task. False when there is one already.
local function createRecord(key, ttlSeconds, text) return redis.call('SET', key, text, 'EX', ttlSeconds, 'NX') end

-- Writes a changed record over the old one.
local function writeRecord(key, record) redis.call('SET', key, table.concat(record, '|'), 'KEEPTTL') end
