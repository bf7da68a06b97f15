-- The task record: what Redis knows of an admitted task. It stands in front of each script that reads or writes one.
--
-- A string of fields between bars, which no field holds. A field that comes later goes to the end: a record without it,
-- written by an earlier version, reads as if it were empty, and what a version does not know it keeps.
--
--   1 fingerprint  what was asked for: the same id with another one is another task
--   2 job          the BullMQ job that carries the task
--   3 awaited      the processor that answers, while its own copy of the request is still to come: another one was faster
--   4 queue        where that job is; format 1 did not say
local RECORD = { fingerprint = 1, job = 2, awaited = 3, queue = 4 }

local function parseRecord(text)
  local record = {}
  for field in string.gmatch(text .. '|', '([^|]*)|') do record[#record + 1] = field end
  for place = #record + 1, RECORD.queue do record[place] = '' end
  return record
end

-- The record of a task; nil when there is no such task.
local function readRecord(key)
  local text = redis.call('GET', key)
  return text and parseRecord(text) or nil
end

-- Creates the record of a new task. False when there is one already.
local function createRecord(key, ttlSeconds, ...)
  return redis.call('SET', key, table.concat({ ... }, '|'), 'EX', ttlSeconds, 'NX')
end

-- Writes a changed record over the old one.
local function writeRecord(key, record) redis.call('SET', key, table.concat(record, '|'), 'KEEPTTL') end
