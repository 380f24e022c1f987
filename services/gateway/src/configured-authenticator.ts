/** Who sends, by the configuration; a credential that was right is checked again only when time or the configuration ask for it. */
import type { Configuration } from '@millrace/config';
import type { DeviceAuthenticator, Sender } from '@millrace/gateways';
import type { Clock } from '@millrace/kernel';
import type { CheckedSender, CredentialCheck } from './credential-check.ts';

/** Senders that are active at a time; each entry is its header and some words, so about 5 MiB. */
const knownMax = 10_000;

interface Known extends CheckedSender {
  /** The configuration under which the credential was checked. */
  readonly version: number;
}

export class ConfiguredAuthenticator implements DeviceAuthenticator {
  readonly #configuration: Configuration;
  readonly #credentials: CredentialCheck;
  readonly #clock: Clock;
  /** Credentials that were right, by header, oldest first: a wrong one must not push them out, so it is not kept. */
  readonly #known = new Map<string, Known>();

  constructor(configuration: Configuration, credentials: CredentialCheck, clock: Clock) {
    this.#configuration = configuration;
    this.#credentials = credentials;
    this.#clock = clock;
  }

  authenticate(authorization: string | undefined): Sender {
    const known = authorization === undefined ? undefined : this.#known.get(authorization);
    if (known?.version === this.#configuration.version && this.#clock.nowMs() < known.expiresAtMs) return known.sender;
    const checked = this.#credentials.check(authorization);
    if (authorization !== undefined) this.#keep(authorization, checked);
    return checked.sender;
  }

  #keep(authorization: string, { sender, expiresAtMs }: CheckedSender): void {
    this.#known.delete(authorization);
    if (this.#known.size >= knownMax) this.#known.delete(this.#known.keys().next().value ?? '');
    this.#known.set(authorization, { sender, version: this.#configuration.version, expiresAtMs });
  }
}
