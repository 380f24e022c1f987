/** Who sends, by the configuration; a credential that was right is checked again only when time or the configuration ask for it. */
import type { X509Certificate } from 'node:crypto';
import type { Configuration } from '@millrace/config';
import type { DeviceAuthenticator, Sender } from '@millrace/gateways';
import type { Clock } from '@millrace/kernel';
import type { CheckedSender, CredentialCheck } from './credential-check.ts';

/** Senders that are active at a time; each entry is its header and some words, so about 5 MiB, with long tokens 40. */
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
  /** A header without a password says nothing by itself: these are remembered with the certificate of their connection. */
  readonly #knownPeers = new WeakMap<X509Certificate, Known & { readonly authorization: string | undefined }>();

  constructor(configuration: Configuration, credentials: CredentialCheck, clock: Clock) {
    this.#configuration = configuration;
    this.#credentials = credentials;
    this.#clock = clock;
  }

  authenticate(authorization: string | undefined, peer?: X509Certificate): Sender {
    const known = authorization === undefined ? undefined : this.#known.get(authorization);
    if (known && this.#holds(known)) return known.sender;
    return this.#certified(authorization, peer) ?? this.#checked(authorization, peer);
  }

  prepare(authorization: string | undefined): Promise<void> | undefined {
    return this.#credentials.prepare(authorization);
  }

  /** As before on this connection. */
  #certified(authorization: string | undefined, peer: X509Certificate | undefined): Sender | undefined {
    const known = peer && this.#knownPeers.get(peer);
    return known && known.authorization === authorization && this.#holds(known) ? known.sender : undefined;
  }

  #checked(authorization: string | undefined, peer: X509Certificate | undefined): Sender {
    const checked = this.#credentials.check(authorization, peer);
    const known = { ...checked, version: this.#configuration.version };
    if (peer && checked.certified) this.#knownPeers.set(peer, { ...known, authorization });
    else if (authorization !== undefined) this.#keep(authorization, known);
    return checked.sender;
  }

  #holds({ version, expiresAtMs }: Known): boolean {
    return version === this.#configuration.version && this.#clock.nowMs() < expiresAtMs;
  }

  #keep(authorization: string, known: Known): void {
    this.#known.delete(authorization);
    if (this.#known.size >= knownMax) this.#known.delete(this.#known.keys().next().value ?? '');
    this.#known.set(authorization, known);
  }
}
