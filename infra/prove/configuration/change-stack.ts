/** What a change of the configuration passes on its way: two instances of the api, PostgreSQL, Kafka with its registry. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { apiOf, applyConfiguration, liveEverywhere } from '../../configure/apply-configuration.ts';
import { writeConfiguration } from '../../configure/written-configuration.ts';
import { type Stack, startStack } from '../../stack/index.ts';

const tenant = 'it_control';
const productId = 'pump';

export class ChangeStack {
  readonly stack: Stack;
  /** Base URLs. */
  readonly apis: readonly string[];
  readonly tenant = tenant;
  readonly productId = productId;
  /** Reads and writes the tenant's configuration. */
  readonly apiKey: string;
  readonly #dataDir: string;

  private constructor(stack: Stack, apiKey: string, dataDir: string) {
    this.stack = stack;
    this.apiKey = apiKey;
    this.apis = ['api-1', 'api-2'].map((instance) => `http://127.0.0.1:${stack.port(instance)}`);
    this.#dataDir = dataDir;
  }

  static async start(): Promise<ChangeStack> {
    const dataDir = mkdtempSync(join(tmpdir(), 'millrace-control-'));
    const apiKey = `changer.${randomBytes(24).toString('base64url')}`;
    let stack: Stack | undefined;
    try {
      stack = await startStack({ dataDir, components: ['kafka', 'registry', 'questdb', 'redis', 'postgres'] });
      const configDir = writeConfiguration(join(dataDir, 'config'), {
        'tenants.json': [{ tenant, name: tenant }],
        'products.json': [{ tenant, productId, name: 'Pump' }],
        'api-keys.json': [{ tenant, keyId: 'changer', key: apiKey, scopes: ['read', 'write'] }],
      });
      await stack.startServices(['api', 'api'], { configDir });
      await stack.ready();
      await applyConfiguration(apiOf(stack), configDir, { prune: false });
      return new ChangeStack(stack, apiKey, dataDir);
    } catch (error) {
      await stack?.stop('at once');
      rmSync(dataDir, { recursive: true, force: true });
      throw error;
    }
  }

  /** Resolves when a new change is live in all services: everything before it is published too. */
  async newestIsLive(deviceUid: string, signal: AbortSignal): Promise<void> {
    const answer = await this.ask('/v1/devices', {
      method: 'POST',
      body: JSON.stringify({ deviceUid, productId }),
      signal,
    });
    const position = answer.headers.get('millrace-position')!;
    await this.ask(`/v1/devices/${deviceUid}`, { method: 'DELETE', signal });
    await liveEverywhere({ url: this.apis[0]!, key: this.apiKey }, position, signal);
  }

  /** One of the api's routes, with the tenant's key. */
  ask(path: string, request: RequestInit): Promise<Response> {
    const headers = { authorization: `Bearer ${this.apiKey}`, 'content-type': 'application/json' };
    return fetch(`${this.apis[0]}${path}`, { ...request, headers });
  }

  async stop(): Promise<void> {
    await this.stack.stop('at once');
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}
