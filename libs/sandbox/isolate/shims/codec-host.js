/**
 * What codecs of LoRaWAN stacks expect of their host, beside the language: Buffer, TextDecoder, TextEncoder, atob, btoa,
 * and `module.exports`. Runs before the script; gives what finds the script's functions after it.
 *
 * All of them can be declared anew by the script, as many codecs do with a Buffer or an atob of their own.
 */
/* oxlint-disable typescript/unbound-method, no-eval -- intrinsics are captured unbound, on purpose. */
(() => {
  'use strict';
  return (textSource, bufferSource, bufferNumbersSource) => {
    const evaluate = eval;
    const { defineProperty } = Object;
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

    const module = { exports: {} };
    define('module', module);
    define('exports', module.exports);
    define('require', (name) => {
      if (/^(?:node:)?buffer$/.test(name)) return { Buffer: buffer() };
      throw new Error(`Cannot find module '${String(name)}': a script is one file.`);
    });

    /** As a global of the script, as a member of its exports, or of `exports.driver`, where the LoRa Alliance's API puts it. */
    function declared(name) {
      const own = evaluate(`typeof ${name} === 'function' ? ${name} : undefined`);
      if (own) return own;
      const { exports } = module;
      for (const owner of [exports, exports?.driver])
        if (typeof owner?.[name] === 'function') return bound(owner[name], owner);
      return undefined;
    }

    /** What older stacks call, as the function that took its place. */
    const older = {
      __proto__: null,
      decodeUplink() {
        const chirpstack = declared('Decode');
        if (chirpstack) return ({ bytes, fPort, variables }) => ({ data: chirpstack(fPort, bytes, variables) });
        const things = declared('Decoder');
        return things && (({ bytes, fPort }) => ({ data: things(bytes, fPort) }));
      },
      encodeDownlink() {
        const chirpstack = declared('Encode');
        if (chirpstack) return ({ data, fPort, variables }) => ({ fPort, bytes: chirpstack(fPort, data, variables) });
        const things = declared('Encoder');
        return things && (({ data, fPort }) => ({ fPort, bytes: things(data, fPort) }));
      },
    };

    return (name) => declared(name) ?? older[name]?.();
  };
})();
