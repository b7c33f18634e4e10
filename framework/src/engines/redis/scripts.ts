/** The scripts that a consumer runs. Each is atomic, and each does nothing for a process that has lost the
 *  lease: that is the fence. A group's last delivered id is how far its consumer has acknowledged; since one
 *  process at a time delivers in order, there is nothing else to remember (no pending entries). */

/** Moves the groups and drops what every group has acknowledged.
 *  `acknowledged`: pairs of a stream's number and an id. */
const acknowledge = `
local function parts(id)
  local ms, number = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(number)
end
local function isAfter(a, b)
  local ams, an = parts(a)
  local bms, bn = parts(b)
  return ams > bms or (ams == bms and an > bn)
end
local function positions(stream)
  local found = {}
  for _, flat in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local name, position
    for at = 1, #flat, 2 do
      if flat[at] == 'name' then name = flat[at + 1] end
      if flat[at] == 'last-delivered-id' then position = flat[at + 1] end
    end
    found[name] = position
  end
  return found
end
local function acknowledge(stream, group, id)
  local all = positions(stream)
  if not isAfter(id, all[group]) then return end
  redis.call('XGROUP', 'SETID', stream, group, id)
  all[group] = id
  local first = id
  for _, position in pairs(all) do
    if isAfter(first, position) then first = position end
  end
  local ms, number = string.match(first, '^(%d+)-(%d+)$')
  redis.call('XTRIM', stream, 'MINID', ms .. '-' .. string.format('%.0f', tonumber(number) + 1))
end
`

/** KEYS: lease, streams. ARGV: token, lease in ms, group, messages at most, bytes at most, then the
 *  acknowledgements.
 *  @returns nothing where another process holds the lease; else the entries, as {stream, id, fields}, and the
 *    position in each stream. */
export const takeScript: string = `${acknowledge}
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return false end
if not holder or redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) * 2 / 3 then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
local group, left, bytesLeft = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
if holder then
  for at = 6, #ARGV, 2 do acknowledge(KEYS[tonumber(ARGV[at])], group, ARGV[at + 1]) end
end
local entries, reached = {}, {}
for number = 2, #KEYS do
  local position = positions(KEYS[number])[group]
  if not position then return redis.error_reply('NOGROUP ' .. group) end
  reached[number - 1] = position
  while left > 0 and bytesLeft > 0 do
    local some = redis.call('XRANGE', KEYS[number], '(' .. position, '+', 'COUNT', math.min(left, 16))
    if #some == 0 then break end
    for _, entry in ipairs(some) do
      if bytesLeft <= 0 then break end
      position = entry[1]
      entries[#entries + 1] = { number, entry[1], entry[2] }
      left = left - 1
      for _, value in ipairs(entry[2]) do bytesLeft = bytesLeft - #value end
    end
  end
end
return { entries, reached }
`

/** KEYS: lease. ARGV: token, lease in ms. */
export const renewScript: string = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`

/** KEYS: lease, streams. ARGV: token, group, then the acknowledgements. */
export const releaseScript: string = `${acknowledge}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for at = 3, #ARGV, 2 do acknowledge(KEYS[tonumber(ARGV[at])], ARGV[2], ARGV[at + 1]) end
return redis.call('DEL', KEYS[1])
`
