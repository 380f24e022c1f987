/**
 * Runs first in every context. Takes away what escapes the isolate's memory limit or can block its thread for ever:
 * WebAssembly (its memories are not counted), SharedArrayBuffer and Atomics (Atomics.wait cannot be interrupted), and
 * resizable ArrayBuffers (measured: 2.1 GB inside a limit of 64 MB).
 */
/* oxlint-disable typescript/unbound-method -- intrinsics are captured unbound, on purpose. */
(() => {
  'use strict';
  delete globalThis.WebAssembly;
  delete globalThis.SharedArrayBuffer;
  delete globalThis.Atomics;

  const Original = ArrayBuffer;
  const { prototype } = Original;
  const { construct, defineProperty, deleteProperty } = Reflect;
  function FixedArrayBuffer(length) {
    if (!new.target) throw new TypeError("Constructor ArrayBuffer requires 'new'");
    return construct(Original, [length], new.target);
  }
  FixedArrayBuffer.prototype = prototype;
  FixedArrayBuffer.isView = Original.isView;
  defineProperty(FixedArrayBuffer, 'name', { value: 'ArrayBuffer' });
  defineProperty(prototype, 'constructor', { value: FixedArrayBuffer });
  deleteProperty(prototype, 'resize');
  defineProperty(globalThis, 'ArrayBuffer', { value: FixedArrayBuffer, writable: true, configurable: true });
})();
