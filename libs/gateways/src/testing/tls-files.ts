/** The files of a TLS listener for tests, and the authority that a client has to trust. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CertificateAndKey, type TestAuthority, testAuthority } from '@millrace/testkit/certificates';
import type { TlsSettings } from '../tls-identity.ts';

export class TlsFiles {
  readonly authority: TestAuthority;
  readonly #folder = mkdtempSync(join(tmpdir(), 'millrace-tls-'));
  readonly settings: TlsSettings = {
    certificateFile: join(this.#folder, 'tls.crt'),
    keyFile: join(this.#folder, 'tls.key'),
  };

  private constructor(authority: TestAuthority) {
    this.authority = authority;
  }

  static async make(): Promise<TlsFiles> {
    const files = new TlsFiles(await testAuthority('CN=Listeners'));
    files.write(await files.newPair());
    return files;
  }

  /** For 127.0.0.1. */
  newPair(): Promise<CertificateAndKey> {
    const names = [{ type: 'ip', value: '127.0.0.1' }] as const;
    return this.authority.issue({ subject: 'CN=gateway', use: 'server', names });
  }

  write({ certificate, key }: Partial<CertificateAndKey>): void {
    if (certificate !== undefined) writeFileSync(this.settings.certificateFile, certificate);
    if (key !== undefined) writeFileSync(this.settings.keyFile, key);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
