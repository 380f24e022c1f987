/** Keeps `config.connections.v1`, which this service alone writes, at what the configuration folder says. */
import { publishConfiguration, type Publisher, readConfigurationFolder } from '@millrace/config';
import { asMillraceError } from '@millrace/contracts';
import { retrying } from '@millrace/kernel';
import type { Emitter } from '@millrace/observe';
import type { clientManagerEvents } from './client-manager-events.ts';
import { folderChanges } from './folder-changes.ts';

/** Kafka or the registry are away: they come back in seconds. */
const retryDelays = { delayMsMin: 200, delayMsMax: 5_000 };

export interface ConnectionPublisherParts extends Omit<Publisher, 'entities' | 'ownsTenant'> {
  readonly folder: string;
  readonly events: Emitter<typeof clientManagerEvents>;
}

export class ConnectionPublisher {
  readonly #parts: ConnectionPublisherParts;
  readonly #publisher: Publisher;
  /** Tenants that the folder has named: what it no longer says of them is deleted. */
  readonly #tenants = new Set<string>();
  readonly #stopping = new AbortController();
  #following: Promise<void> = Promise.resolve();

  constructor(parts: ConnectionPublisherParts) {
    this.#parts = parts;
    this.#publisher = { ...parts, entities: ['connections'], ownsTenant: (tenant) => this.#tenants.has(tenant) };
  }

  /**
   * Resolves when the folder's connections are published; its later changes follow. Throws `configuration_invalid` for a
   * folder that is wrong at the start; one that becomes wrong later is refused as a whole, and told as an event.
   */
  async start(): Promise<void> {
    const changes = folderChanges(this.#parts.folder, this.#parts.clock, this.#stopping.signal);
    await changes.next();
    await this.#publish();
    this.#following = this.#follow(changes);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The client manager stops.'));
    await this.#following;
  }

  async #follow(changes: AsyncGenerator<void>): Promise<void> {
    const { events, clock } = this.#parts;
    const options = {
      ...retryDelays,
      retryable: (error: unknown) => asMillraceError(error).retry !== 'never',
      onRetry: (error: unknown, attempt: number) => events.publicationFailed({ error, attempt }),
      clock,
    };
    for await (const _ of changes) {
      try {
        await retrying(() => this.#publish(), options, this.#stopping.signal);
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        const { message: detail, errors } = asMillraceError(error);
        events.configurationRefused({ detail, errors });
      }
    }
  }

  async #publish(): Promise<void> {
    const files = await readConfigurationFolder(this.#parts.folder);
    for (const { tenant } of files.tenants) this.#tenants.add(tenant);
    const publication = await publishConfiguration(this.#publisher, files, this.#stopping.signal);
    if (publication.written + publication.deleted > 0) this.#parts.events.configurationPublished({ ...publication });
  }
}
