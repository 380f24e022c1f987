/** The key that the person gave: in this tab only, gone with it. A link may bring one behind its #, which no server ever sees. */

const storageKey = 'millrace.key';

/** What a link may put into the form. */
export interface ExampleFrame {
  readonly device: string;
  readonly hex: string;
  readonly attributes: string;
}

export interface Arrival {
  readonly key: string | null;
  readonly example: ExampleFrame | undefined;
}

/** Takes what the address brings and removes it from there, so that it is neither bookmarked nor shown. */
export function arrive(): Arrival {
  const brought = new URLSearchParams(location.hash.slice(1));
  if (location.hash !== '') history.replaceState(null, '', location.pathname);
  const key = brought.get('key');
  if (key !== null) sessionStorage.setItem(storageKey, key);
  const [device, hex] = [brought.get('device'), brought.get('hex')];
  const example =
    device === null || hex === null ? undefined : { device, hex, attributes: brought.get('attributes') ?? '' };
  return { key: sessionStorage.getItem(storageKey), example };
}

export function keep(key: string): void {
  sessionStorage.setItem(storageKey, key);
}

export function forget(): void {
  sessionStorage.removeItem(storageKey);
}
