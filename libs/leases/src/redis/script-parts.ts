/** What scripts of leases have in common, in front of what each of them does. */

/** The memory, and access to it. */
export const common = `
local memory, members, beats, inUse, notInUse, moves, drains, sign = unpack(KEYS)
local ask, channel = cjson.decode(ARGV[1]), ARGV[3]
local changed = false

local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local name = redis.call('HGET', memory, 'name')
local whole = name and redis.call('HGET', memory, 'run') == run
for i = 2, 7 do whole = whole and redis.call('HGET', KEYS[i], '') == name end
if not whole then
  name = ARGV[2]
  for i = 1, 7 do redis.call('DEL', KEYS[i]) end
  for i = 2, 7 do redis.call('HSET', KEYS[i], '', name) end
  redis.call('HSET', memory, 'name', name, 'run', run, 'version', 1)
  redis.call('PUBLISH', channel, 0)
end

local function all(hash)
  local flat, found = redis.call('HGETALL', hash), {}
  for i = 1, #flat, 2 do if flat[i] ~= '' then found[flat[i]] = flat[i + 1] end end
  return found
end

local function put(hash, field, value)
  redis.call('HSET', hash, field, value)
  changed = true
end

local function cut(hash, field)
  if redis.call('HDEL', hash, field) == 1 then changed = true end
end

local function give(key, session)
  put(inUse, key, session)
  cut(notInUse, key)
  cut(moves, key)
end

local function drop(key)
  cut(inUse, key)
  cut(moves, key)
end

local function bury(session)
  for key, owner in pairs(all(inUse)) do
    if owner == session then
      drop(key)
      put(notInUse, key, 1)
    end
  end
  for key, to in pairs(all(moves)) do if to == session then cut(moves, key) end end
  for _, hash in ipairs({members, beats, drains}) do cut(hash, session) end
end

local function answer(status, keys)
  if changed then redis.call('PUBLISH', channel, redis.call('HINCRBY', memory, 'version', 1)) end
  return {status, name, keys or {}}
end
`;

/** Changes go on only if the session is known and this is its newest. */
export const signed = `
if ask.memory ~= name then return answer('lost') end
local beat = redis.call('HGET', beats, ask.session)
if not beat and ask.kind ~= 'join' then return answer('unknown') end
if beat and tonumber(beat) >= ask.beat then return answer('stale') end
redis.call('HSET', beats, ask.session, ask.beat)
local function show()
  if redis.call('HGET', members, ask.session) ~= ask.member then put(members, ask.session, ask.member) end
  redis.call('SET', sign, ask.beat, 'PX', ask.expiryMs)
end
`;

/** As `loads.ts`. */
export const loads = `
local known, has, leaving, coming = {}, {}, {}, {}
for session, text in pairs(all(members)) do
  known[session] = cjson.decode(text)
  has[session], leaving[session], coming[session] = 0, 0, 0
end
local function count(loads, session, by)
  if loads[session] then loads[session] = loads[session] + by end
end
local function countMove(from, to, by)
  count(leaving, from, by)
  count(coming, to, by)
end
local function survey()
  local wanted = all(moves)
  for key, owner in pairs(all(inUse)) do
    count(has, owner, 1)
    if wanted[key] then countMove(owner, wanted[key], 1) end
  end
end
local function soon(session)
  return known[session] and has[session] - leaving[session] + coming[session] or 0
end
local function hasRoom(session)
  local member = known[session]
  return member and member.accepting and not member.draining
    and has[session] + coming[session] < member.connectionsMax
end
local function before(one, other)
  local difference = soon(one) - soon(other)
  if difference ~= 0 then return difference < 0 end
  local a, b = known[one].instance, known[other].instance
  if a ~= b then return a < b end
  return one < other
end
local function least(except)
  local best
  for _, one in ipairs(ask.living) do
    if one ~= except and hasRoom(one) and (not best or before(one, best)) then best = one end
  end
  return best
end
local function isUneven(from, to)
  if soon(from) - soon(to) < 2 then return false end
  local sum, most = 0, 0
  for _, one in ipairs(ask.living) do
    sum = sum + soon(one)
    most = math.max(most, soon(one))
  end
  return soon(from) >= most or soon(from) > math.ceil(sum / #ask.living)
end
`;
