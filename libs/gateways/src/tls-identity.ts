/**
 * What a listener shows of itself: a certificate and its key, read from files, and again when they change; connections that are open stay
 * open. Clients are asked for a certificate and may have none. Whom it is trusted to be is decided for each tenant, so TLS itself only
 * proves that the client holds the key.
 */
import type { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { createSecureContext, type SecureContextOptions, type Server, type TlsOptions, TLSSocket } from 'node:tls';
import { MillraceError } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';
import { z } from 'zod';

/** PEM files; the first may hold the certificates of intermediate authorities behind its own. */
export const tlsSettings = z.strictObject({ certificateFile: z.string().min(1), keyFile: z.string().min(1) });

export type TlsSettings = z.infer<typeof tlsSettings>;

/** New files must look the same twice, so they are in use within twice this time. */
export const tlsLookMs = 5_000;
/** Shorter than a gateway takes to stop: a client in the middle of it is in nobody's list. */
const handshakeMsMax = 5_000;

interface Pair {
  readonly cert: string;
  readonly key: string;
}

export class TlsIdentity {
  readonly #settings: TlsSettings;
  readonly #closing = new AbortController();
  #shown: Pair;

  private constructor(settings: TlsSettings, shown: Pair) {
    this.#settings = settings;
    this.#shown = shown;
  }

  /** Throws `configuration_invalid` when a file cannot be read or the key is not that of the certificate. */
  static async read(settings: TlsSettings): Promise<TlsIdentity> {
    const pair = await readPair(settings);
    check(pair, settings);
    return new TlsIdentity(settings, pair);
  }

  /** For a server of TLS or HTTPS. */
  get options(): TlsOptions {
    return {
      ...contextOf(this.#shown),
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: handshakeMsMax,
    };
  }

  /** Shows at the server what the files become, until it is closed. `failed` hears once of files that are wrong; the old ones stay. */
  async follow(
    server: Pick<Server, 'setSecureContext'>,
    clock: Clock,
    failed: (error: unknown) => void,
  ): Promise<void> {
    let before = this.#shown;
    let known = this.#shown;
    while (await this.#slept(clock)) {
      const now = await readPair(this.#settings).catch(() => before);
      if (isSame(now, before) && !isSame(now, known)) {
        known = now;
        try {
          check(now, this.#settings);
          server.setSecureContext(contextOf(now));
          this.#shown = now;
        } catch (error) {
          failed(error);
        }
      }
      before = now;
    }
  }

  close(): void {
    this.#closing.abort(new Error('The listener is closed.'));
  }

  /** False: closed. */
  async #slept(clock: Clock): Promise<boolean> {
    try {
      await clock.sleep(tlsLookMs, this.#closing.signal);
      return true;
    } catch {
      return false;
    }
  }
}

/** One object for each connection, which is how an authenticator remembers it. */
const peers = new WeakMap<Socket, X509Certificate | null>();

/** The certificate whose key the client holds; undefined: it has shown none, or this is no TLS. */
export function peerOf(socket: Socket): X509Certificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  let peer = peers.get(socket);
  if (peer === undefined) peers.set(socket, (peer = socket.getPeerX509Certificate() ?? null));
  return peer ?? undefined;
}

function contextOf({ cert, key }: Pair): SecureContextOptions {
  return { cert, key, minVersion: 'TLSv1.2' };
}

function check(pair: Pair, { certificateFile, keyFile }: TlsSettings): void {
  try {
    createSecureContext(contextOf(pair));
  } catch (cause) {
    const detail = `Give a certificate and its own key: ${certificateFile} and ${keyFile} do not belong together.`;
    throw new MillraceError('configuration_invalid', detail, { cause });
  }
}

async function readPair({ certificateFile, keyFile }: TlsSettings): Promise<Pair> {
  const [cert, key] = await Promise.all([readText(certificateFile), readText(keyFile)]);
  return { cert, key };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new MillraceError('configuration_invalid', `Make the file ${file} readable.`, { cause });
  }
}

const isSame = (one: Pair, other: Pair): boolean => one.cert === other.cert && one.key === other.key;
