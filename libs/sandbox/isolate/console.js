/** Gives the script a console: what it writes goes to the dry run, or nowhere, and then costs nothing. */
(host) => {
  'use strict';
  const { sink } = host;
  const { stringify } = JSON;
  const textOf = (value) => {
    if (typeof value === 'string') return value;
    if (value instanceof Error) return String(value.stack);
    try {
      return typeof value === 'object' && value !== null ? (stringify(value) ?? String(value)) : String(value);
    } catch {
      return '[object]';
    }
  };
  const write = (...values) => {
    if (sink.on) sink.write(values.map(textOf).join(' '));
  };
  Object.assign(console, { log: write, info: write, warn: write, error: write, debug: write, trace: write });
};
