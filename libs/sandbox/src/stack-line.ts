/** Finds the line of a script in what an isolate says of an error. */

/** The name under which scripts are compiled. */
export const scriptFile = 'file:///script';

const place = /file:\/\/\/script:(\d{1,7})/;

/** From 1; undefined when the text names no line of the script. The script may have written the text itself: it is a hint. */
export function lineOfScript(text: string): number | undefined {
  const line = place.exec(text)?.[1];
  return line === undefined ? undefined : Number(line);
}

/** An error's message without the place that isolated-vm appends to it. */
export function withoutPlace(message: string): string {
  return message.replace(/ \[file:\/\/\/script:[\d:]+\]$/, '');
}
