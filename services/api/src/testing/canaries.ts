/** Secrets that are known again wherever they stand. */

export class Canaries {
  readonly #prefix: string;
  /** By where and how they were put in. */
  readonly #secrets = new Map<string, string>();

  /** `run`: letters and digits that no other test has. */
  constructor(run: string) {
    this.#prefix = `canary${run}`;
  }

  make(way: string): string {
    const secret = `${this.#prefix}n${this.#secrets.size}x`;
    this.add(way, secret);
    return secret;
  }

  /** One that somebody else made. */
  add(way: string, secret: string): void {
    this.#secrets.set(way, secret);
  }

  /** The ways of those that stand in this text. */
  foundIn(text: string): readonly string[] {
    return [...this.#secrets].flatMap(([way, secret]) =>
      formsOf(secret).some((form) => text.includes(form)) ? [way] : [],
    );
  }
}

/** The ways in which bytes may be shown: as they are, in hex, in base64 at each of the three places where they may begin. */
function formsOf(secret: string): readonly string[] {
  const base64 = [0, 1, 2].map((before) =>
    Buffer.from(' '.repeat(before) + secret)
      .toString('base64')
      .slice(before === 0 ? 0 : 4)
      .replace(/.{0,3}=*$/, ''),
  );
  const forUrls = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  return [secret, Buffer.from(secret).toString('hex'), ...base64, ...forUrls];
}
