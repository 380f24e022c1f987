/** The configuration: its truth in PostgreSQL, the routes that change it, its way to the topics and how far it has come. */
import { KeyedSecrets } from '@millrace/auth';
import { Propagation } from '@millrace/config';
import { Database, OutboxPublisher } from '@millrace/control';
import { SERVICE_ENVIRONMENT } from '@millrace/platform';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { ApiEnvironment } from '../environment.ts';
import { erasureProviders } from './erasure/erasure.providers.ts';
import { ErasureWorker } from './erasure/erasure-worker.ts';
import { ErasuresController, TenantDeletionController } from './erasure/erasures.controller.ts';
import { configurationProviders } from './configuration.providers.ts';
import { BuiltInAuthoritiesController } from './credentials/built-in-authorities.controller.ts';
import { CertificateRenewalController } from './credentials/certificate-renewal.controller.ts';
import { credentialProviders } from './credentials/credential.providers.ts';
import { DeviceCertificatesController } from './credentials/device-certificates.controller.ts';
import { DevicePasswordsController } from './credentials/device-passwords.controller.ts';
import { KeyRotationController } from './credentials/key-rotation.controller.ts';
import { DeviceImportController } from './import/device-import.controller.ts';
import { PropagationController } from './propagation/propagation.controller.ts';
import { propagationProviders } from './propagation/propagation.providers.ts';
import { registrationProviders } from './registration/registration.providers.ts';
import { RegistrationSecretsController } from './registration/registration-secrets.controller.ts';
import { RegisterController, RegistrationsController } from './registration/registrations.controller.ts';
import { AssetTreeController } from './resources/asset-tree.controller.ts';
import { ApiKeysController } from './resources/api-keys.controller.ts';
import { ConfigurationExportController } from './resources/configuration-export.controller.ts';
import { ConfigurationController } from './resources/configuration.controller.ts';
import { DeviceCredentialsController } from './resources/device-credentials.controller.ts';
import { DeviceReportsController } from './resources/device-reports.controller.ts';
import { ensureFirstKey, type FirstKey } from './resources/first-key.ts';
import { resourceController } from './resources/resource-controller.ts';
import { resourceDefinitions } from './resources/resource-definitions.ts';
import { ScriptVersionsController } from './resources/script-versions.controller.ts';
import { ScriptRunsController } from './scripts/script-runs.controller.ts';
import { scriptProviders } from './scripts/script.providers.ts';
import { ScriptRunner } from './scripts/script-runner.ts';

@Module({})
export class ConfigurationModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #database: Database;
  readonly #secrets: KeyedSecrets;
  readonly #adminKey: string | undefined;
  readonly #publisher: OutboxPublisher;
  readonly #propagation: Propagation;
  readonly #eraser: ErasureWorker;
  readonly #runner: ScriptRunner;

  constructor(
    database: Database,
    secrets: KeyedSecrets,
    @Inject(SERVICE_ENVIRONMENT) { MILLRACE_ADMIN_KEY: adminKey }: ApiEnvironment,
    publisher: OutboxPublisher,
    propagation: Propagation,
    eraser: ErasureWorker,
    runner: ScriptRunner,
  ) {
    this.#database = database;
    this.#secrets = secrets;
    this.#adminKey = adminKey;
    this.#publisher = publisher;
    this.#propagation = propagation;
    this.#eraser = eraser;
    this.#runner = runner;
  }

  /** `ownsTenant`: see `apiDefinition`. */
  static of(ownsTenant: (tenant: string) => boolean): DynamicModule {
    return {
      module: ConfigurationModule,
      controllers: [
        ApiKeysController,
        KeyRotationController,
        DeviceCredentialsController,
        DevicePasswordsController,
        BuiltInAuthoritiesController,
        DeviceCertificatesController,
        CertificateRenewalController,
        RegisterController,
        RegistrationsController,
        RegistrationSecretsController,
        ConfigurationController,
        ConfigurationExportController,
        DeviceImportController,
        DeviceReportsController,
        ...resourceDefinitions.map(resourceController),
        TenantDeletionController,
        ErasuresController,
        ScriptVersionsController,
        ScriptRunsController,
        AssetTreeController,
        PropagationController,
      ],
      providers: [
        ...configurationProviders(ownsTenant),
        ...propagationProviders,
        ...erasureProviders,
        ...credentialProviders,
        ...registrationProviders,
        ...scriptProviders,
      ],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    const first = await ensureFirstKey(this.#database, this.#secrets, this.#adminKey, Date.now());
    if (first) showFirstKey(first);
    this.#publisher.start();
    this.#eraser.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#eraser.stop();
    await this.#publisher.stop();
    await this.#propagation.close();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#runner.close();
    await this.#database.close();
  }
}

/** To a person, not to the log: logs are kept, and a key in them would be kept too. */
function showFirstKey({ key, expiresAt }: FirstKey): void {
  process.stderr.write(
    `The first key of this installation, shown this once and valid until ${expiresAt.toISOString()}: ${key}\n` +
      'Make a lasting one with it: POST /v1/api-keys.\n',
  );
}
