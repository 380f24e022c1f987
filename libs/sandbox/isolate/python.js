/**
 * MicroPython through its C API, without its bridge to JavaScript: `import js` finds nothing behind it. Inputs and results cross
 * as JSON text, a few messages at a time, which keeps the live heap and with it the collector's work small.
 *
 *     (host, startWasm, bytes, prelude) → {load(source), callerOf(functionName, resultCharsMax), heldBytes()}
 */
(host, startWasm, bytes, prelude) => {
  'use strict';
  const { sink, makeTextCaller } = host;
  const heapBytes = 1 << 20;
  const stackBytes = 16_384;
  const messagesAtOnce = 20;
  /** How values come out of the module, as proxy_c.c of MicroPython numbers them. */
  const kind = { exception: -1, none: 1, text: 5, callable: 6 };
  const wordsOfValue = 3;

  let printed = '';
  const { exports, textAt, allocate, int32, outOfMemory, asError, heldBytes } = startWasm(
    bytes,
    {
      mp_js_ticks_ms: () => Date.now() | 0,
      mp_js_time_ms: () => Date.now(),
      mp_js_random_u32: () => (Math.random() * 2 ** 32) >>> 0,
      has_attr: () => 0,
      lookup_attr: () => 0,
      proxy_js_free_obj() {},
      js_check_existing: () => -1,
      js_get_error_info() {},
    },
    (text) => {
      if (!sink.on) return;
      printed += text;
      const lines = printed.split('\n');
      printed = lines.pop();
      for (const line of lines) sink.write(line.endsWith('\r') ? line.slice(0, -1) : line);
    },
  );
  exports.mp_js_init(stackBytes, heapBytes);
  exports.proxy_c_init();
  const out = exports.malloc(4 * wordsOfValue);
  const args = exports.malloc(3 * 4 * wordsOfValue);

  const line = /line (\d+)/g;

  /** `Type`, the message and the traceback, as MicroPython joins them. */
  function thrownOf(said) {
    const [name, message = ''] = said.split('\x04');
    const places = [...message.matchAll(line)];
    const last = message.trim().split('\n').at(-1) ?? '';
    const error = { message: last === '' ? name : last, stack: '' };
    const place = places.at(-1)?.[1];
    if (place) error.stack = `file:///script:${place}`;
    if (name === 'MemoryError') Object.assign(error, { kind: 'memory', message: outOfMemory().message });
    return error;
  }

  /** What a call into the module gave; throws what Python threw. */
  function take() {
    const words = int32();
    const at = out >> 2;
    const given = words[at];
    if (given === kind.exception || given === kind.text) {
      const text = textAt(words[at + 2], words[at + 1]);
      if (given === kind.text) return text;
      exports.free(words[at + 2]);
      throw thrownOf(text);
    }
    return given === kind.none ? undefined : { reference: words[at + 1], kind: given };
  }

  function guarded(run) {
    try {
      return run();
    } catch (error) {
      if (error instanceof Error && error.kind === undefined)
        throw asError({ message: `The interpreter broke: ${error.message}`, kind: 'broken' });
      throw error;
    }
  }

  function execute(source) {
    const [pointer, length] = allocate(source);
    exports.mp_js_do_exec(pointer, length, out);
    exports.free(pointer);
    return take();
  }

  function attribute(object, name) {
    const [pointer] = allocate(name);
    exports.proxy_c_to_js_lookup_attr(object.reference, pointer, out);
    exports.free(pointer);
    return take();
  }

  function importModule(name) {
    const [pointer] = allocate(name);
    exports.mp_js_do_import(pointer, out);
    exports.free(pointer);
    return take();
  }

  /** Arguments are text; the module frees it. */
  function callText(callable, ...texts) {
    for (const [index, text] of texts.entries()) {
      const [pointer, length] = allocate(text);
      const at = (args >> 2) + index * wordsOfValue;
      int32()[at] = kind.text;
      int32()[at + 1] = length;
      int32()[at + 2] = pointer;
    }
    exports.proxy_c_to_js_call(callable.reference, texts.length, args, out);
    return take();
  }

  execute(prelude);
  const main = importModule('__main__');
  const callAll = attribute(main, '_millrace_call');
  const has = attribute(main, '_millrace_has');
  execute('del _millrace_call, _millrace_has');

  /** Integers that no double holds exactly, which JSON.parse would round. */
  const longInteger = /\d{16}/;

  function isJson(json) {
    try {
      JSON.parse(json);
      return true;
    } catch {
      return false;
    }
  }

  const recordSeparator = '\x1e';

  /** One outcome per text: `r` and JSON, or `e` and [message, traceback, is it the result] of what was thrown. */
  function outcomesOf(functionName, columns, texts, careful) {
    const header = `["${functionName}",${columns},${careful}]`;
    const answer = callText(callAll, header, `[${texts.join()}]`);
    const parts = typeof answer === 'string' ? answer.split(recordSeparator) : [];
    if (parts.length !== texts.length) throw { message: 'The script disturbed how results are read.', stack: '' };
    return parts.map((part) => {
      const json = part.slice(1);
      if (part[0] === 'r') return { json };
      const [name, message, traceback, isResult] = JSON.parse(json);
      if (isResult) return { thrown: { message: named(name, message), stack: '', kind: 'result' } };
      return { thrown: { ...thrownOf(`${name}\x04${traceback}`), message: named(name, message) } };
    });
  }

  const named = (name, message) =>
    name === 'MemoryError' ? outOfMemory().message : message === '' ? name : `${name}: ${message}`;

  /** MicroPython writes JSON of what JSON does not know: then the message is run again, and its result made plain. */
  function callTexts(functionName, columns, texts) {
    const before = sink.mark();
    try {
      const outcomes = outcomesOf(functionName, columns, texts, false);
      return outcomes.map((outcome, index) => {
        if (outcome.thrown || (isJson(outcome.json) && !longInteger.test(outcome.json))) return outcome;
        sink.rewind(before);
        const [again] = outcomesOf(functionName, columns, [texts[index]], true);
        return again.thrown || isJson(again.json) ? again : notJson;
      });
    } catch (thrown) {
      if (thrown instanceof Error && thrown.kind !== 'memory') throw thrown;
      return texts.length === 1 ? [{ thrown }] : texts.flatMap((text) => callTexts(functionName, columns, [text]));
    }
  }

  const notJson = { thrown: { message: 'The result is no JSON.', stack: '', kind: 'result' } };

  return {
    load(source) {
      try {
        guarded(() => execute(source));
      } catch (thrown) {
        throw thrown instanceof Error ? thrown : asError(thrown);
      }
    },
    callerOf(functionName, resultCharsMax) {
      if (guarded(() => callText(has, functionName)) !== 'yes') return undefined;
      const call = (columns, texts) => guarded(() => callTexts(functionName, columns, texts));
      return makeTextCaller(call, messagesAtOnce, resultCharsMax);
    },
    heldBytes,
  };
};
