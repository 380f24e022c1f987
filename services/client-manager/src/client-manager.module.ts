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

@Module({})
export class ClientManagerModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #publisher: FolderPublisher | undefined;
  readonly #fleet: ConnectionFleet;

  /** `publisher`: undefined without a folder. */
  constructor(@Inject(FolderPublisher) publisher: FolderPublisher | undefined, fleet: ConnectionFleet) {
    this.#publisher = publisher;
    this.#fleet = fleet;
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
    this.#fleet.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#publisher?.stop();
    await this.#fleet.stop();
  }
}
