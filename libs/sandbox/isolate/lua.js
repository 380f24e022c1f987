/**
 * Lua 5.4 through its C API: the module is wasmoon's, its JavaScript side is not used, and so no object of it is within reach.
 *
 *     (host, startWasm, bytes) → {load(source), callerOf(functionName, resultCharsMax), heldBytes()}
 */
(host, startWasm, bytes) => {
  'use strict';
  const { sink, makeCaller } = host;
  /** Without io, os, package and debug. */
  const libraries = ['_G', 'table', 'string', 'math', 'utf8', 'coroutine'];
  /** They read files, or are of no use to a script and of some to an attacker. */
  const removed = ['dofile', 'loadfile', 'collectgarbage'];
  const levelsMax = 32;
  const membersMax = 10_000;
  const millisPerSecond = 1000;
  const type = { boolean: 1, number: 3, string: 4, table: 5, function: 6 };

  let printed = '';
  /** `print` writes piece by piece. */
  const { exports, textAt, allocate, int32, outOfMemory, asError, heldBytes } = startWasm(bytes, {}, (text) => {
    if (!sink.on) return;
    printed += text;
    const lines = printed.split('\n');
    printed = lines.pop();
    for (const line of lines) sink.write(line);
  });
  const state = exports.luaL_newstate();
  if (!state) throw outOfMemory();

  for (const name of libraries) {
    const [pointer] = allocate(name);
    const table = exports.__indirect_function_table;
    const index = table.grow(1);
    table.set(index, name === '_G' ? exports.luaopen_base : exports[`luaopen_${name}`]);
    exports.luaL_requiref(state, pointer, index, 1);
    exports.lua_settop(state, 0);
    exports.free(pointer);
  }

  /** Names stay in the module's memory: those of a script's inputs are few and come again. */
  const names = new Map();
  const nameAt = (name) => {
    let pointer = names.get(name);
    if (pointer === undefined) names.set(name, (pointer = allocate(name)[0]));
    return pointer;
  };
  for (const name of removed) {
    exports.lua_pushnil(state);
    exports.lua_setglobal(state, nameAt(name));
  }

  const integers = Array.from({ length: 1_025 }, (_, index) => BigInt(index));
  const integer = (value) => integers[value] ?? BigInt(value);
  const lengthAt = exports.malloc(4);

  function textOn(index) {
    const pointer = exports.lua_tolstring(state, index, lengthAt);
    return pointer ? textAt(pointer, int32()[lengthAt >> 2]) : undefined;
  }

  /** `decoder:3: what` as luaL_error writes it; the rest of the stack is not kept by a pcall without a handler. */
  const placed = /^script:(\d+): ([^]*)$/;

  function thrownOn(index) {
    const said = exports.lua_type(state, index) === type.table ? 'The script threw a table.' : textOn(index);
    const [, line, message] = placed.exec(said ?? '') ?? [];
    const error = { message: message ?? said ?? 'The script threw something without a message.' };
    if (line) error.stack = `file:///script:${line}`;
    if (said === 'not enough memory') Object.assign(error, { kind: 'memory', message: outOfMemory().message });
    return error;
  }

  function fail() {
    const thrown = thrownOn(-1);
    exports.lua_settop(state, 0);
    throw thrown;
  }

  function pushText(text) {
    const [pointer, length] = allocate(text);
    exports.lua_pushlstring(state, pointer, length);
    exports.free(pointer);
  }

  function pushNumber(value) {
    if (Number.isSafeInteger(value)) exports.lua_pushinteger(state, integer(value));
    else exports.lua_pushnumber(state, value);
  }

  function pushList(list, level) {
    exports.lua_createtable(state, list.length, 0);
    for (let at = 0; at < list.length; at += 1) {
      push(list[at], level + 1);
      exports.lua_rawseti(state, -2, integer(at + 1));
    }
  }

  function pushMembers(value, level) {
    const members = Object.keys(value);
    exports.lua_createtable(state, 0, members.length);
    for (const name of members) {
      pushText(name);
      push(value[name], level + 1);
      exports.lua_rawset(state, -3);
    }
  }

  function push(value, level = 0) {
    if (value === null || value === undefined) return exports.lua_pushnil(state);
    if (typeof value === 'number') return pushNumber(value);
    if (typeof value === 'boolean') return exports.lua_pushboolean(state, value ? 1 : 0);
    if (typeof value === 'string') return pushText(value);
    if (!exports.lua_checkstack(state, 4)) throw outOfMemory();
    if (value instanceof Date) return pushNumber(value.getTime() / millisPerSecond);
    return Array.isArray(value) ? pushList(value, level) : pushMembers(value, level);
  }

  function unusable(message) {
    return { message, stack: '', kind: 'result' };
  }

  /** Integers that no double holds exactly stay big. */
  function integerOn(index) {
    const big = exports.lua_tointegerx(state, index, 0);
    const number = Number(big);
    return Number.isSafeInteger(number) ? number : big;
  }

  const numberOn = (index) =>
    exports.lua_isinteger(state, index) ? integerOn(index) : exports.lua_tonumberx(state, index, 0);

  function keyOn(index) {
    const kind = exports.lua_type(state, index);
    if (kind === type.string) return textOn(index);
    return kind === type.number ? numberOn(index) : undefined;
  }

  /** A table with the keys 1 to n is an array; an empty one may be either, and becomes an object. */
  function pullTable(given, level) {
    if (level > levelsMax) throw unusable(`The result is nested deeper than ${levelsMax} levels.`);
    if (!exports.lua_checkstack(state, 4)) throw outOfMemory();
    const index = exports.lua_absindex(state, given);
    const length = Number(exports.lua_rawlen(state, index));
    const keys = [];
    const values = { __proto__: null };
    let isList = true;
    exports.lua_pushnil(state);
    while (exports.lua_next(state, index)) {
      const key = keyOn(-2);
      if (typeof key !== 'number') isList = false;
      if (key !== undefined) {
        keys.push(key);
        values[key] = pull(-1, level + 1);
      }
      if (keys.length > membersMax) throw unusable(`A table of the result has more than ${membersMax} members.`);
      exports.lua_settop(state, -2);
    }
    if (isList && keys.length > 0 && length === keys.length) return Array.from({ length }, (_, at) => values[at + 1]);
    return inOrder(keys, values);
  }

  /** Lua's order of a table's members is another one in every process; ours is that of their names. */
  function inOrder(keys, values) {
    const members = { __proto__: null };
    for (const key of keys.sort()) members[key] = values[key];
    return members;
  }

  function pull(index, level = 0) {
    switch (exports.lua_type(state, index)) {
      case type.boolean:
        return exports.lua_toboolean(state, index) !== 0;
      case type.number:
        return numberOn(index);
      case type.string:
        return textOn(index);
      case type.table:
        return pullTable(index, level);
      case type.function:
        throw unusable('The result has a function in it.');
      default:
        return undefined;
    }
  }

  /** A trap leaves the interpreter in a state that nobody knows: it must not be used again. */
  function guarded(run) {
    try {
      return run();
    } catch (error) {
      if (error instanceof Error && error.kind === undefined)
        throw asError({ message: `The interpreter broke: ${error.message}`, kind: 'broken' });
      exports.lua_settop(state, 0);
      throw error;
    }
  }
  return { load, callerOf, heldBytes };

  function load(source) {
    const failed = guarded(() => {
      const [pointer, length] = allocate(source);
      // Text only: no bytecode.
      const refused = exports.luaL_loadbufferx(state, pointer, length, nameAt('=script'), nameAt('t'));
      exports.free(pointer);
      return refused || exports.lua_pcallk(state, 0, 0, 0, 0, 0);
    });
    const thrown = failed && thrownOn(-1);
    exports.lua_settop(state, 0);
    if (thrown) throw asError(thrown);
  }

  function callerOf(functionName, resultCharsMax) {
    const isFunction = exports.lua_getglobal(state, nameAt(functionName)) === type.function;
    exports.lua_settop(state, 0);
    if (!isFunction) return undefined;
    const call = (argument) => {
      exports.lua_getglobal(state, nameAt(functionName));
      push(argument);
      if (exports.lua_pcallk(state, 1, 1, 0, 0, 0)) fail();
      const result = pull(-1);
      exports.lua_settop(state, 0);
      return result;
    };
    return makeCaller((argument) => guarded(() => call(argument)), resultCharsMax);
  }
};
