/** Keeps the configuration topics at what the folder says. */
import { publishConfiguration, type Publisher, readConfigurationFolder } from '@millrace/config';
import { asMillraceError } from '@millrace/contracts';
import { retrying } from '@millrace/kernel';
import type { Emitter } from '@millrace/observe';
import type { apiEvents } from './api-events.ts';
import { folderChanges } from './folder-changes.ts';

/** Kafka or the registry are away: they come back in seconds. */
const retryDelays = { delayMsMin: 200, delayMsMax: 5_000 };

export interface FolderPublisherParts {
  readonly folder: string;
  readonly publisher: Publisher;
  readonly events: Emitter<typeof apiEvents>;
}

export class FolderPublisher {
  readonly #parts: FolderPublisherParts;
  readonly #stopping = new AbortController();
  #following: Promise<void> = Promise.resolve();

  constructor(parts: FolderPublisherParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when what the folder holds now is published; later changes follow by themselves. Throws `configuration_invalid`
   * for a folder that is wrong at the start; one that becomes wrong later is refused as a whole, and told as an event.
   */
  async start(): Promise<void> {
    const { folder, publisher } = this.#parts;
    const changes = folderChanges(folder, publisher.clock, this.#stopping.signal);
    await changes.next();
    await this.#publish();
    this.#following = this.#follow(changes);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The api stops.'));
    await this.#following;
  }

  async #follow(changes: AsyncGenerator<void>): Promise<void> {
    const { events, publisher } = this.#parts;
    const onRetry = (error: unknown, attempt: number): void => events.publicationFailed({ error, attempt });
    for await (const _ of changes) {
      try {
        const options = { ...retryDelays, retryable: isPassing, onRetry, clock: publisher.clock };
        await retrying(() => this.#publish(), options, this.#stopping.signal);
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        const { message: detail, errors } = asMillraceError(error);
        events.configurationRefused({ detail, errors });
      }
    }
  }

  async #publish(): Promise<void> {
    const { folder, publisher, events } = this.#parts;
    const startedMs = publisher.clock.monotonicMs();
    const files = await readConfigurationFolder(folder);
    const publication = await publishConfiguration(publisher, files, this.#stopping.signal);
    events.configurationPublished({ ...publication, tookMs: Math.round(publisher.clock.monotonicMs() - startedMs) });
  }
}

function isPassing(error: unknown): boolean {
  return asMillraceError(error).retry !== 'never';
}
