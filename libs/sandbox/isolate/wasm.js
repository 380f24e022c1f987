/**
 * Starts a WebAssembly module of an interpreter inside the isolate, with nothing behind its imports: no files, no clock but the
 * date, no environment, no way to JavaScript. What a module asks for beyond that gets ENOSYS, or ends the call.
 *
 *     (bytes, extra, write) → {exports, textAt, allocate, int32, outOfMemory, asError, heldBytes}
 *
 * `extra` are imports of this interpreter, `write` gets what it prints.
 */
(bytes, extra, write) => {
  'use strict';
  const pageBytes = 65_536;
  const growthBytes = 4 << 20;
  const notSupported = -52;
  const badDescriptor = 8;
  const printedCharsMax = 4_096;
  /** Arguments of one call. */
  const charsAtOnce = 4_096;
  /** What emscripten throws for longjmp. */
  const longjmp = Infinity;

  let exports;
  let memory;
  let table;
  let view8;
  let view32;
  const refresh = () => {
    if (view8?.buffer === memory.buffer) return;
    view8 = new Uint8Array(memory.buffer);
    view32 = new Int32Array(memory.buffer);
  };
  const int32 = () => {
    refresh();
    return view32;
  };

  /** UTF-8, leniently: what a script made of bytes need not be text. */
  function textAt(pointer, length) {
    refresh();
    const end = pointer + length;
    let text = '';
    for (let at = pointer; at < end;) {
      let plain = at;
      while (plain < end && plain - at < charsAtOnce && view8[plain] < 0x80) plain += 1;
      if (plain > at) text += Reflect.apply(String.fromCharCode, undefined, view8.subarray(at, plain));
      at = plain;
      if (at === end || view8[at] < 0x80) continue;
      const first = view8[at++];
      if (first < 0xe0) text += String.fromCharCode(((first & 31) << 6) | (view8[at++] & 63));
      else if (first < 0xf0)
        text += String.fromCharCode(((first & 15) << 12) | ((view8[at++] & 63) << 6) | (view8[at++] & 63));
      else {
        const code = ((first & 7) << 18) | ((view8[at++] & 63) << 12) | ((view8[at++] & 63) << 6) | (view8[at++] & 63);
        text += String.fromCodePoint(Math.min(0x10ffff, code));
      }
    }
    return text;
  }

  function outOfMemory() {
    return Object.assign(new RangeError('The script needs more memory than it may use.'), { kind: 'memory' });
  }

  /** Text in the module's memory, ended by 0, as [pointer, bytes]. The caller frees it. */
  function allocate(text) {
    let pointer = exports.malloc(text.length + 1);
    if (!pointer) throw outOfMemory();
    refresh();
    let length = 0;
    for (let code; length < text.length && (code = text.charCodeAt(length)) < 0x80; length += 1)
      view8[pointer + length] = code;
    if (length < text.length) {
      exports.free(pointer);
      const utf8 = unescape(encodeURIComponent(text.toWellFormed()));
      length = utf8.length;
      pointer = exports.malloc(length + 1);
      if (!pointer) throw outOfMemory();
      refresh();
      for (let at = 0; at < length; at += 1) view8[pointer + at] = utf8.charCodeAt(at);
    }
    view8[pointer + length] = 0;
    return [pointer, length];
  }

  /** Of {message, stack, …}: what leaves the isolate is an error, and of an error its message. */
  const asError = ({ message, stack, ...rest }) =>
    Object.assign(new Error(stack ? `${message} [${stack}:1]` : message), rest);

  const functions = [];
  const functionAt = (index) => (functions[index] ??= table.get(index));
  let saveStack;
  let restoreStack;

  const ends = (name) => () => {
    throw new Error(`${name} is not available to scripts.`);
  };

  const imports = {
    _emscripten_throw_longjmp() {
      throw longjmp;
    },
    emscripten_date_now: () => Date.now(),
    emscripten_get_now: () => Date.now(),
    _emscripten_get_now_is_monotonic: () => 0,
    emscripten_resize_heap(asked) {
      const wanted = asked >>> 0;
      const current = memory.buffer.byteLength;
      const generous = Math.max(wanted, Math.min(wanted + growthBytes, current * 1.2));
      for (const goal of [generous, wanted])
        try {
          memory.grow(Math.ceil((goal - current) / pageBytes));
          return 1;
        } catch {
          // At the cap: the interpreter says that memory is out.
        }
      return 0;
    },
    environ_sizes_get(count, size) {
      int32()[count >> 2] = 0;
      view32[size >> 2] = 0;
      return 0;
    },
    environ_get: () => 0,
    fd_write(_descriptor, vectors, count, written) {
      let length = 0;
      let text = '';
      for (let at = 0; at < count; at += 1) {
        const pointer = int32()[(vectors >> 2) + 2 * at];
        const bytesOfOne = int32()[(vectors >> 2) + 2 * at + 1];
        if (text.length < printedCharsMax) text += textAt(pointer, Math.min(bytesOfOne, printedCharsMax));
        length += bytesOfOne;
      }
      write(text);
      int32()[written >> 2] = length;
      return 0;
    },
    fd_read: () => badDescriptor,
    fd_close: () => badDescriptor,
    fd_seek: () => badDescriptor,
    fd_sync: () => badDescriptor,
    _tzset_js() {},
    strftime: () => 0,
    ...extra,
  };

  /** A C function that may be left by longjmp. */
  const invoke = (index, a, b, c, d, e, f, ...rest) => {
    const stack = saveStack();
    try {
      const call = functionAt(index);
      return rest.length === 0 ? call(a, b, c, d, e, f) : call(a, b, c, d, e, f, ...rest);
    } catch (error) {
      restoreStack(stack);
      if (error !== longjmp) throw error;
      exports.setThrew(1, 0);
      return undefined;
    }
  };

  function importOf(name) {
    if (imports[name]) return imports[name];
    if (name.startsWith('invoke_')) return invoke;
    if (name.startsWith('__syscall_')) return () => notSupported;
    return ends(name);
  }

  const module = new WebAssembly.Module(bytes);
  const modules = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module))
    (modules[from] ??= {})[name] = importOf(name);
  ({ exports } = new WebAssembly.Instance(module, modules));
  saveStack = exports.stackSave ?? exports.emscripten_stack_get_current;
  restoreStack = exports.stackRestore ?? exports._emscripten_stack_restore;
  memory = exports.memory;
  table = exports.__indirect_function_table;
  exports.emscripten_stack_init?.();
  exports.__wasm_call_ctors();
  return { exports, textAt, allocate, int32, outOfMemory, asError, heldBytes: () => memory.buffer.byteLength };
};
