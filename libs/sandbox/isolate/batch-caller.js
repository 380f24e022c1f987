/**
 * Runs in every context before the script and gives a function that makes a batch caller of a script's function.
 * Intrinsics are captured here, so that a script that redefines them hurts nobody but itself, and every result becomes
 * text on its own, so that a bad one costs its own message. The input is laid out as written in input-batch.ts.
 */
/* oxlint-disable typescript/unbound-method -- intrinsics are captured unbound, on purpose. */
(() => {
  'use strict';
  const { parse, stringify } = JSON;
  const { freeze, keys } = Object;
  const DateOf = Date;
  const Doubles = Float64Array;
  const Bytes = Uint8Array;
  const NumberOf = Number;
  const { isFinite, MAX_SAFE_INTEGER } = Number;
  const textOf = String;
  const unbound = Function.prototype.call;
  const slice = unbound.bind(String.prototype.slice);
  const includes = unbound.bind(String.prototype.includes);

  const messageCharsMax = 500;
  const stackCharsMax = 2000;

  /** JSON has no NaN, no infinities and no big integers: the first become an object that nobody else makes. */
  function marked(_key, value) {
    if (typeof value === 'number' && !isFinite(value)) return { '\0': textOf(value) };
    if (typeof value !== 'bigint') return value;
    return value <= MAX_SAFE_INTEGER && value >= -MAX_SAFE_INTEGER ? NumberOf(value) : textOf(value);
  }

  /** The fast way first; the replacer only where JSON would have written null or given up. */
  function jsonOf(value) {
    let json;
    try {
      json = stringify(value);
    } catch {
      return stringify(value, marked);
    }
    return typeof json === 'string' && includes(json, 'null') ? stringify(value, marked) : json;
  }

  function read(source, max) {
    try {
      const text = source();
      return typeof text === 'string' ? slice(text, 0, max) : '';
    } catch {
      return '';
    }
  }

  /** From strings only: a script that gives all objects a toJSON must not write here. */
  const failureOf = (index, kind, thrown) =>
    '{"index":' +
    index +
    ',"kind":"' +
    kind +
    '","message":' +
    stringify(read(() => textOf(thrown?.message ?? thrown), messageCharsMax)) +
    ',"stack":' +
    stringify(read(() => thrown?.stack, stackCharsMax)) +
    '}';

  const frozenTable = (table) => {
    if (table) for (let at = 0; at < table.length; at += 1) freeze(table[at]);
    return table;
  };

  /** Points by name; whatever the names, they reach no prototype. */
  function seriesOf(table) {
    const series = { __proto__: null };
    const names = keys(table);
    for (let of = 0; of < names.length; of += 1) {
      const points = table[names[of]];
      const list = [];
      for (let at = 0; at < points.length; at += 1)
        list[at] = { time: new DateOf(points[at][0]), value: points[at][1], quality: points[at][2] };
      series[names[of]] = list;
    }
    return series;
  }

  return (call, resultCharsMax) => (count, description, input) => {
    const columns = parse(description);
    const numbers = new Doubles(input, 0, columns.length * count);
    const bytes = new Bytes(input);
    for (let at = 0; at < columns.length; at += 1) frozenTable(columns[at].table);

    function valueOf(kind, table, number, from) {
      if (kind === 'bytes') {
        const list = [];
        for (let at = 0; at < number; at += 1) list[at] = bytes[from + at];
        return list;
      }
      if (number !== number) return undefined;
      if (kind === 'number') return number;
      if (kind === 'time') return new DateOf(number);
      if (kind === 'series') return seriesOf(table[number]);
      return table[number];
    }

    let results = '';
    let failures = '';
    let bytesFrom = columns.length * count * 8;
    for (let index = 0; index < count; index += 1) {
      const argument = {};
      for (let at = 0; at < columns.length; at += 1) {
        const { name, kind, table } = columns[at];
        const number = numbers[at * count + index];
        argument[name] = valueOf(kind, table, number, bytesFrom);
        if (kind === 'bytes') bytesFrom += number;
      }
      let json;
      let failure;
      try {
        const result = call(argument);
        try {
          json = jsonOf(result);
          if (typeof json !== 'string') failure = failureOf(index, 'result', 'The function returned nothing.');
          else if (json.length > resultCharsMax) failure = failureOf(index, 'result', 'The result is too large.');
        } catch (error) {
          failure = failureOf(index, 'result', error);
        }
      } catch (error) {
        failure = failureOf(index, 'threw', error);
      }
      results += (index === 0 ? '' : ',') + (failure ? 'null' : json);
      if (failure) failures += (failures === '' ? '' : ',') + failure;
    }
    return '{"results":[' + results + '],"failures":[' + failures + ']}';
  };
})();
