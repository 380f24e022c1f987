/**
 * What codecs of LoRaWAN stacks expect of their host, beside the language: Buffer, TextDecoder, TextEncoder, atob, btoa,
 * and `module.exports`; and variables that no message left behind. Runs before the script; gives what finds its functions.
 *
 * All of them can be declared anew by the script, as many codecs do with a Buffer or an atob of their own.
 */
/* oxlint-disable typescript/unbound-method, no-eval -- intrinsics are captured unbound, on purpose. */
(() => {
  'use strict';
  return (textSource, bufferSource, bufferNumbersSource) => {
    const evaluate = eval;
    const { defineProperty, keys } = Object;
    const { apply } = Reflect;
    const unbound = Function.prototype.call;
    const bound = unbound.bind(Function.prototype.bind);

    const define = (name, value) => defineProperty(globalThis, name, { value, writable: true, configurable: true });

    /** Read and made at first use: most codecs need none of these, and every isolate would pay. */
    function defineLazily(name, make) {
      defineProperty(globalThis, name, {
        get() {
          define(name, make());
          return globalThis[name];
        },
        set: (value) => define(name, value),
        configurable: true,
      });
    }

    let textMade;
    let bufferMade;
    const text = () => (textMade ??= evaluate(textSource));
    function buffer() {
      if (!bufferMade) evaluate(bufferNumbersSource)((bufferMade = evaluate(bufferSource)(text())));
      return bufferMade;
    }
    for (const name of ['TextDecoder', 'TextEncoder', 'atob', 'btoa']) defineLazily(name, () => text()[name]);
    defineLazily('Buffer', buffer);

    let module = { exports: {} };
    define('module', module);
    define('exports', module.exports);
    define('require', (name) => {
      if (/^(?:node:)?buffer$/.test(name)) return { Buffer: buffer() };
      throw new Error(`Cannot find module '${String(name)}': a script is one file.`);
    });

    const asGlobal = (name) => evaluate(`typeof ${name} === 'function' ? ${name} : undefined`);

    /** As a member of the exports, or of `exports.driver`, where the LoRa Alliance's API puts it. */
    function asExport(name) {
      const { exports } = module;
      for (const owner of [exports, exports?.driver])
        if (typeof owner?.[name] === 'function') return bound(owner[name], owner);
      return undefined;
    }

    /** What older stacks call, as the function that took its place. */
    const older = {
      __proto__: null,
      decodeUplink: {
        Decode: (find) => (input) => ({ data: find()(input.fPort, input.bytes, input.variables) }),
        Decoder: (find) => (input) => ({ data: find()(input.bytes, input.fPort) }),
      },
      encodeDownlink: {
        Encode: (find) => (input) => ({ fPort: input.fPort, bytes: find()(input.fPort, input.data, input.variables) }),
        Encoder: (find) => (input) => ({ fPort: input.fPort, bytes: find()(input.data, input.fPort) }),
      },
    };

    /** The script's own name for the function; undefined: it has none. */
    const nameOf = (wanted) => keys({ [wanted]: 0, ...older[wanted] }).find((name) => asGlobal(name) ?? asExport(name));

    /**
     * The function `name`, called as `wanted`. `run` runs the script once more and gives its global function: so each call gets
     * the variables of the script as they are at its start, whatever the call before left in them.
     */
    function callable(wanted, name, run) {
      const loaded = asGlobal(name);
      const kept = loaded ?? asExport(name);
      function exportAgain() {
        module = { exports: {} };
        define('module', module);
        define('exports', module.exports);
        apply(run, globalThis, []);
        return asExport(name);
      }
      const again = loaded ? () => apply(run, globalThis, []) : exportAgain;
      const find = isRepeatable(again) ? again : () => kept;
      return older[wanted]?.[name]?.(find) ?? ((input) => find()(input));
    }

    /** A script that cannot run twice, having changed the language for example, lives with what its last call left. */
    function isRepeatable(again) {
      try {
        return typeof again() === 'function';
      } catch {
        return false;
      }
    }

    return { nameOf, callable };
  };
})();
