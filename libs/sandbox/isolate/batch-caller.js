/**
 * Runs first in every context, whatever the language, and gives what makes a batch caller of a script's function. Intrinsics
 * are captured here, so that a script that redefines them hurts nobody but itself, and every result becomes text on its own, so
 * that a bad one costs its own message. The input is laid out as written in input-batch.ts.
 *
 *     sink            {on, write(text)}: where a language puts what the script prints; off, it need not even make text of it
 *     makeCaller      (call, resultCharsMax) → caller; call(object) → value, once per input
 *     newReply, kindOf  for callers of other kinds: see text-caller.js
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
  const lineCharsMax = 500;
  const linesMax = 1000;

  const sink = {
    on: false,
    index: 0,
    lines: '',
    count: 0,
    write(text) {
      if (!this.on || this.count >= linesMax) return;
      this.lines +=
        (this.count === 0 ? '[' : ',[') + this.index + ',' + stringify(slice(textOf(text), 0, lineCharsMax)) + ']';
      this.count += 1;
    },
    /** For who runs an input again: its lines are those of the last time. */
    mark() {
      return { lines: this.lines, count: this.count };
    },
    rewind({ lines, count }) {
      this.lines = lines;
      this.count = count;
    },
    begin(on) {
      this.on = on;
      this.index = 0;
      this.lines = '';
      this.count = 0;
    },
  };

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

  /** Interpreters say more of what they throw: that memory ran out, that a result is no data, or that they broke, which ends the batch. */
  function kindOf(thrown) {
    const kind = read(() => thrown?.kind, messageCharsMax);
    if (kind === 'broken') throw thrown;
    return kind === 'memory' || kind === 'result' ? kind : 'threw';
  }

  /** Puts the reply together; one `add` per input, in order. */
  function newReply(resultCharsMax) {
    let results = '';
    let failures = '';
    const fail = (index, kind, thrown) => {
      results += index === 0 ? 'null' : ',null';
      failures += (failures === '' ? '' : ',') + failureOf(index, kind, thrown);
    };
    return {
      fail,
      add(index, json) {
        if (typeof json !== 'string') fail(index, 'result', 'The function returned nothing.');
        else if (json.length > resultCharsMax) fail(index, 'result', 'The result is too large.');
        else results += index === 0 ? json : ',' + json;
      },
      text() {
        const logs = sink.on ? '],"logs":[' + sink.lines : '';
        return '{"results":[' + results + '],"failures":[' + failures + logs + ']}';
      },
    };
  }

  /** Shared objects are flat, or have flat objects in them. */
  function freezeTable(table) {
    for (let at = 0; at < table.length; at += 1) {
      const shared = freeze(table[at]);
      for (const name in shared) if (typeof shared[name] === 'object') freeze(shared[name]);
    }
  }

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

  const makeCaller = (call, resultCharsMax) => (count, description, input, logs) => {
    const columns = parse(description);
    const numbers = new Doubles(input, 0, columns.length * count);
    const bytes = new Bytes(input);
    for (let at = 0; at < columns.length; at += 1) if (columns[at].kind === 'shared') freezeTable(columns[at].table);
    sink.begin(logs);

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

    const reply = newReply(resultCharsMax);
    let bytesFrom = columns.length * count * 8;
    for (let index = 0; index < count; index += 1) {
      sink.index = index;
      const argument = {};
      for (let at = 0; at < columns.length; at += 1) {
        const { name, kind, table } = columns[at];
        const number = numbers[at * count + index];
        argument[name] = valueOf(kind, table, number, bytesFrom);
        if (kind === 'bytes') bytesFrom += number;
      }
      let result;
      try {
        result = call(argument);
      } catch (error) {
        reply.fail(index, kindOf(error), error);
        continue;
      }
      let json;
      try {
        json = jsonOf(result);
      } catch (error) {
        reply.fail(index, 'result', error);
        continue;
      }
      reply.add(index, json);
    }
    return reply.text();
  };

  return { sink, newReply, kindOf, makeCaller };
})();
