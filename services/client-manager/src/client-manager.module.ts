/** Wires the client manager: the folder to the topic, the topic to the connections, the connections to the stream. */
import { FolderPublisher } from '@millrace/config';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { clientManagerProviders } from './client-manager.providers.ts';
import { ConnectionFleet } from './connection-fleet.ts';
import { controlControllers } from './control/control.providers.ts';
import { Owning } from './ownership/owning.ts';

@Module({})
export class ClientManagerModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #publisher: FolderPublisher | undefined;
  readonly #fleet: ConnectionFleet;
  readonly #owning: Owning;

  /** `publisher`: undefined without a folder. */
  constructor(@Inject(FolderPublisher) publisher: FolderPublisher | undefined, fleet: ConnectionFleet, owning: Owning) {
    this.#publisher = publisher;
    this.#fleet = fleet;
    this.#owning = owning;
  }

  /** `ownsTenant`: for which tenants the folder speaks; connections that vanish from it are deleted for these only. */
  static of(ownsTenant: (tenant: string) => boolean): DynamicModule {
    return {
      module: ClientManagerModule,
      controllers: controlControllers,
      providers: clientManagerProviders(ownsTenant),
    };
  }

  /** Ready when the configuration is read and published. A broker that is away is shown, and no reason to be not ready. */
  async onApplicationBootstrap(): Promise<void> {
    await this.#publisher?.start();
    await this.#owning.start();
    this.#fleet.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#publisher?.stop();
    await this.#owning.retire();
    await this.#fleet.stop();
    await this.#owning.stop();
  }
}
