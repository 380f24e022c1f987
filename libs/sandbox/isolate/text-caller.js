/**
 * The batch caller for interpreters that read JSON faster than they take objects. Gives the host (see batch-caller.js)
 *
 *     makeTextCaller  (callTexts, atOnce, resultCharsMax) → caller; callTexts(columns, texts) → [{json} | {thrown}]
 *
 * `columns` is JSON: [[name, has bytes], …]. Each text is the array of one input's values, in which bytes are hexadecimal and times seconds.
 */
(host) => {
  'use strict';
  const { sink, newReply, kindOf } = host;
  const { parse, stringify } = JSON;
  const { keys } = Object;
  const millisPerSecond = 1000;

  const hexOfByte = [];
  for (let byte = 0; byte < 256; byte += 1) hexOfByte[byte] = (byte < 16 ? '0' : '') + byte.toString(16);

  /** Points of a table by name as JSON, times in seconds. */
  function seriesJsonOf(table) {
    const series = {};
    for (const name of keys(table))
      series[name] = table[name].map(([millis, value, quality]) => ({
        time: millis / millisPerSecond,
        value,
        quality,
      }));
    return stringify(series);
  }

  host.makeTextCaller = (callTexts, atOnce, resultCharsMax) => (count, description, input, logs) => {
    const columns = parse(description);
    const numbers = new Float64Array(input, 0, columns.length * count);
    const bytes = new Uint8Array(input);
    const names = stringify(columns.map(({ name, kind }) => [name, kind === 'bytes']));
    for (const column of columns)
      column.texts = column.table?.map(column.kind === 'series' ? seriesJsonOf : (one) => stringify(one));
    sink.begin(logs);

    function textOfBytes(length, from) {
      let hex = '"';
      for (let at = 0; at < length; at += 1) hex += hexOfByte[bytes[from + at]];
      return hex + '"';
    }

    function textOfValue({ kind, texts }, number, from) {
      if (kind === 'bytes') return textOfBytes(number, from);
      if (number !== number) return 'null';
      if (kind === 'number') return String(number);
      if (kind === 'time') return String(number / millisPerSecond);
      return texts[number];
    }

    const reply = newReply(resultCharsMax);
    const step = logs ? 1 : atOnce;
    let bytesFrom = columns.length * count * 8;
    for (let from = 0; from < count; from += step) {
      const texts = [];
      for (let index = from; index < count && index < from + step; index += 1) {
        let text = '';
        for (let at = 0; at < columns.length; at += 1) {
          const column = columns[at];
          const number = numbers[at * count + index];
          text += (at === 0 ? '[' : ',') + textOfValue(column, number, bytesFrom);
          if (column.kind === 'bytes') bytesFrom += number;
        }
        texts.push(text + ']');
      }
      sink.index = from;
      const outcomes = callTexts(names, texts);
      for (let at = 0; at < texts.length; at += 1) {
        const { json, thrown } = outcomes[at] ?? {};
        if (thrown) reply.fail(from + at, kindOf(thrown), thrown);
        else reply.add(from + at, json);
      }
    }
    return reply.text();
  };
};
