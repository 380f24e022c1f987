/** Keeps the topics of a service's entities at what the configuration folder says. */
import { asMillraceError, type FieldError } from '@millrace/contracts';
import { retrying } from '@millrace/kernel';
import { folderChanges } from './folder-changes.ts';
import { type Publication, publishConfiguration, type Publisher } from './publish.ts';
import { readConfigurationFolder } from './read-folder.ts';

/** Kafka or the registry are away: they come back in seconds. */
const retryDelays = { delayMsMin: 200, delayMsMax: 5_000 };

/** What is told while a folder is followed; the emitter of a service's events is one. */
export interface PublicationEvents {
  /** At least one record was written or deleted. */
  configurationPublished(fields: Publication & { readonly tookMs: number }): void;
  /** The folder became wrong; what was published before stays. */
  configurationRefused(fields: { readonly detail: string; readonly errors: readonly FieldError[] }): void;
  /** It is tried again. */
  publicationFailed(fields: { readonly error: unknown; readonly attempt: number }): void;
}

export interface FolderPublisherParts {
  readonly folder: string;
  readonly publisher: Publisher;
  readonly events: PublicationEvents;
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
    this.#stopping.abort(new Error('The publisher stops.'));
    await this.#following;
  }

  async #follow(changes: AsyncGenerator<void>): Promise<void> {
    const { events, publisher } = this.#parts;
    const onRetry = (error: unknown, attempt: number): void => events.publicationFailed({ error, attempt });
    const options = { ...retryDelays, onRetry, clock: publisher.clock };
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
    const { folder, publisher, events } = this.#parts;
    const startedMs = publisher.clock.monotonicMs();
    const files = await readConfigurationFolder(folder);
    const publication = await publishConfiguration(publisher, files, this.#stopping.signal);
    if (publication.written + publication.deleted === 0) return;
    events.configurationPublished({ ...publication, tookMs: Math.round(publisher.clock.monotonicMs() - startedMs) });
  }
}
