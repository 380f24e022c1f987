/** Attacks in Lua on what is read of a result or of an error, and on the surroundings in which it is read. */
import { attack, type Attack, refusedOrStopped, spoiling, stopped } from './attack.ts';
import { body } from './lua-body.ts';

const results: readonly Attack[] = [
  attack('a table with a cycle', 'result', body('local data = {} data.data = data return { data = data }')),
  attack(
    'a table nested 100,000 deep',
    ['result', ...stopped],
    body('local data = {} for i = 1, 1e5 do data = { data } end return { data = data }'),
  ),
  attack(
    'a million rows',
    [...refusedOrStopped, 'result'],
    body('local data = {} for i = 1, 1e6 do data[i] = i end return { data = data }'),
  ),
  attack('a text of 300 KB', ['result', ...stopped], body('return { data = { value = string.rep("x", 300000) } }')),
  attack('a function as value', ['returned', 'result'], body('return { data = { value = print } }')),
  attack('no number', 'returned', body('return { data = { a = 0 / 0, b = 1 / 0, c = math.mininteger } }')),
  attack(
    'keys that are no names',
    ['returned', 'result'],
    body('return { data = { [1.5] = 1, [true] = 2, [{}] = 3, [print] = 4 } }'),
  ),
  attack('a list with holes', ['returned', 'result'], body('return { data = { list = { 1, nil, 3, [1e15] = 4 } } }')),
  attack('text that is no UTF-8', ['returned', 'result'], body('return { data = { value = "\\255\\254\\0x" } }')),
  attack('a quote in a text', 'returned', body('return { data = { ["\\"}],\\"x"] = "\\"]}\\\\" } }')),
  attack(
    'a name of a prototype',
    'returned',
    body('return { data = { __proto__ = { polluted = 1 }, constructor = { prototype = { polluted = 1 } } } }'),
  ),
  attack(
    'a length that lies',
    ['returned', 'result', ...refusedOrStopped],
    body('return { data = setmetatable({}, { __len = function() return 1e9 end }) }'),
  ),
  attack(
    'pairs that never end',
    ['returned', 'result', ...stopped],
    body('return { data = setmetatable({}, { __pairs = function() return function() return 1, 1 end end }) }'),
  ),
  attack('no result', 'result', body('')),
  attack('an error of nothing', 'threw', body('error()')),
  attack('an error that is a table', 'threw', body('error({ message = setmetatable({}, { __tostring = error }) })')),
  attack('an error of 10 MB', refusedOrStopped, body('error(string.rep("x", 1e7))')),
  attack(
    'a million lines of log',
    ['returned', ...refusedOrStopped],
    body('for i = 1, 1e6 do print(string.rep("x", 100)) end return { data = {} }'),
  ),
];

const surroundings: readonly Attack[] = [
  spoiling(
    'methods of all texts',
    ['returned', 'threw', 'result'],
    `getmetatable('').__index = function() error('taken') end ${body('return { data = { value = ("x"):rep(2) } }')}`,
  ),
  spoiling(
    'an emptied world',
    ['returned', 'threw', 'result', 'invalid'],
    `${body('return { data = {} }')} for name in pairs(_G) do if name ~= 'attack' then _G[name] = nil end end`,
  ),
  spoiling(
    'a world with a trap',
    ['returned', 'threw', 'result', 'invalid', ...stopped],
    `${body('return { data = {} }')} setmetatable(_G, { __newindex = function() error('trap') end, __index = function() while true do end end })`,
  ),
  spoiling(
    'other functions of tables',
    ['returned', 'threw', 'result', 'invalid'],
    `${body('return { data = { list = { 1, 2 } } }')} pairs = error next = error type = error tostring = error table.concat = error string.format = error math.type = error`,
  ),
  spoiling(
    'globals of all scripts',
    'returned',
    `canary = 'taken' string.rep = function() return 'taken' end ${body('return { data = {} }')}`,
  ),
];

export const luaResults: readonly Attack[] = [...results, ...surroundings];
