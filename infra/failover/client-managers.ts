/** The client managers of a stack over their REST API, asked through any instance that answers. */
import { principalHeader, PrincipalSigner, SecretKey } from '@millrace/auth';
import type { Stack } from '../stack/index.ts';

export interface InstanceView {
  readonly instance: string;
  readonly state: string;
  readonly load: number;
}

export interface ConnectionView {
  readonly connectionId: string;
  readonly instance: string | null;
  readonly state: string;
  readonly epoch: number | null;
}

const answerMsMax = 10_000;
const pageItems = 1_000;

export class ClientManagers {
  readonly #stack: Pick<Stack, 'port'>;
  readonly #tenant: string;
  readonly #signer: PrincipalSigner;

  constructor(stack: Pick<Stack, 'port' | 'secretKey'>, tenant: string) {
    this.#stack = stack;
    this.#tenant = tenant;
    this.#signer = new PrincipalSigner(SecretKey.fromEnvironment(stack.secretKey));
  }

  /** As this instance sees them; rejects when it does not answer. */
  async instances(asked: string): Promise<readonly InstanceView[]> {
    return (await this.#ask<{ items: InstanceView[] }>(asked, 'GET', '/v1/instances')).items;
  }

  async connections(asked: string): Promise<readonly ConnectionView[]> {
    const found: ConnectionView[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const path: string = `/v1/connections?limit=${pageItems}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
      const page: Page = await this.#ask<Page>(asked, 'GET', path);
      found.push(...page.items);
      cursor = page.next;
    }
    return found;
  }

  async create(asked: string, connection: object): Promise<ConnectionView> {
    return this.#ask(asked, 'POST', '/v1/connections', connection);
  }

  async #ask<T>(asked: string, method: string, path: string, body?: object): Promise<T> {
    const principal = {
      tenant: this.#tenant,
      keyId: 'failover',
      scopes: ['platform', 'read', 'write'],
      by: 'failover',
      to: null,
    };
    const signed = this.#signer.sign(principal, { method, path, body }, Date.now());
    const response = await fetch(`http://127.0.0.1:${this.#stack.port(asked)}${path}`, {
      method,
      headers: { [principalHeader]: signed, ...(body && { 'content-type': 'application/json' }) },
      signal: AbortSignal.timeout(answerMsMax),
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${asked} answered ${method} ${path} with ${response.status}: ${text}`);
    return JSON.parse(text) as T;
  }
}

interface Page {
  readonly items: ConnectionView[];
  readonly next: string | null;
}
