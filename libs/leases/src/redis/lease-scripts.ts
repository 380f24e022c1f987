/**
 * The requests of `lease-store.ts` as scripts of Redis, each atomic. Everything stands in hashes, and each of them carries the name of the
 * memory it belongs to in the field '': where one is missing, or Redis was started since, all of it counts as lost.
 *
 * KEYS: memory (run, name, version), members, beats, in use, not in use, moves, drains, the asker's sign of life.
 * ARGV: the request as JSON, a name for a memory in case it has to begin, the channel of hints.
 */

import { common, loads, signed } from './script-parts.ts';

/** In this order after the memory itself. */
export const collections = ['members', 'beats', 'in-use', 'not-in-use', 'moves', 'drains'] as const;

const look = `
local version = tonumber(redis.call('HGET', memory, 'version'))
local content = false
if ask.memory ~= name or ask.version ~= version then
  content = {}
  for _, hash in ipairs({members, inUse, notInUse, moves, drains}) do
    table.insert(content, redis.call('HGETALL', hash))
  end
end
return {name, version, redis.call('HGETALL', beats), content}
`;

const join = `
if ask.replaces and redis.call('HEXISTS', beats, ask.replaces) == 1 then
  local left, room = {}, cjson.decode(ask.member).connectionsMax
  for key, owner in pairs(all(inUse)) do
    if owner == ask.replaces then table.insert(left, key) elseif owner == ask.session then room = room - 1 end
  end
  table.sort(left)
  for i = 1, math.min(room, #left) do give(left[i], ask.session) end
  bury(ask.replaces)
end
local refused = {}
for _, key in ipairs(ask.keys) do
  local owner = redis.call('HGET', inUse, key)
  if not owner then give(key, ask.session) elseif owner ~= ask.session then table.insert(refused, key) end
end
show()
return answer('done', refused)
`;

const renew = `
show()
return answer('done')
`;

const handOver = `
survey()
local draining = (known[ask.session] or {}).draining
local kept = {}
for _, key in ipairs(ask.keys) do
  if redis.call('HGET', inUse, key) == ask.session then
    local wanted = redis.call('HGET', moves, key)
    if wanted then
      countMove(ask.session, wanted, -1)
      cut(moves, key)
    end
    local to = wanted and hasRoom(wanted) and wanted or draining and least(ask.session)
    if not to or to == ask.session then
      table.insert(kept, key)
    else
      count(has, ask.session, -1)
      count(has, to, 1)
      give(key, to)
    end
  end
end
for _, key in ipairs(ask.drop) do if redis.call('HGET', inUse, key) == ask.session then drop(key) end end
return answer('done', kept)
`;

const place = `
for _, one in ipairs(ask.dead) do if redis.call('HGET', beats, one[1]) == tostring(one[2]) then
  bury(one[1])
  known[one[1]] = nil
end end
survey()
for _, key in ipairs(ask.keys) do
  if redis.call('HEXISTS', inUse, key) == 0 then
    local to = least()
    if to then
      count(has, to, 1)
      give(key, to)
    elseif redis.call('HEXISTS', notInUse, key) == 0 then
      put(notInUse, key, 1)
    end
  end
end
for _, key in ipairs(ask.forget) do cut(notInUse, key) end
return answer('done')
`;

const balance = `
survey()
local me = ask.session
local draining = (known[me] or {}).draining
for _, key in ipairs(ask.keys) do
  if redis.call('HGET', inUse, key) == me and redis.call('HEXISTS', moves, key) == 0 then
    local to = least(me)
    if not to or not (draining or isUneven(me, to)) then break end
    countMove(me, to, 1)
    put(moves, key, to)
  end
end
return answer('done')
`;

const move = `
survey()
local owner = redis.call('HGET', inUse, ask.key)
if not owner then return answer('not_in_use') end
if not known[ask.to] then return answer('no_such_session') end
if redis.call('HGET', moves, ask.key) == ask.to then return answer('done') end
if ask.to == owner then
  cut(moves, ask.key)
elseif hasRoom(ask.to) then
  put(moves, ask.key, ask.to)
else
  return answer('no_room')
end
return answer('done')
`;

const drain = `
if redis.call('HEXISTS', members, ask.target) == 0 then return answer('no_such_session') end
put(drains, ask.target, ask.on and 1 or 0)
return answer('done')
`;

const leave = `
bury(ask.session)
redis.call('DEL', sign)
return answer('done')
`;

export const leaseScripts = {
  look: common + look,
  join: common + signed + join,
  renew: common + signed + renew,
  handOver: common + signed + loads + handOver,
  place: common + signed + loads + place,
  balance: common + signed + loads + balance,
  move: common + signed + loads + move,
  drain: common + signed + drain,
  leave: common + signed + leave,
} as const;
