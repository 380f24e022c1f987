/** How the messages of a device are parsed, looked up in the configuration once per device and version of it. */
import type { Configuration } from '@millrace/config';
import type { DeviceConfig, ErrorCode } from '@millrace/contracts';
import { type Script, ScriptBook, type Uplink } from '@millrace/sandbox';

export interface Recipe {
  /** Undefined: the payload codec alone. */
  readonly script: Script | undefined;
  /** As in DataRowList. */
  readonly scriptVersion: string;
  /** The same object for the same device. */
  readonly variables: Uplink['variables'];
  readonly keepRawPayload: boolean;
}

/** What the configuration lacks for a message; `tenant_deleted`: for good, and nothing of it shall be kept. */
export interface Missing {
  readonly code: Extract<ErrorCode, `unknown_${string}` | 'tenant_deleted'>;
  /** One sentence. */
  readonly detail: string;
}

export type RecipeSource = Pick<Configuration, 'version' | 'isDeleted' | 'device' | 'product' | 'script'>;

export class RecipeBook {
  readonly #configuration: RecipeSource;
  readonly #scripts = new ScriptBook();
  #recipes = new Map<string, Map<string, Recipe>>();
  #version = -1;

  constructor(configuration: RecipeSource) {
    this.#configuration = configuration;
  }

  /** The configuration as it is now; a recipe stays valid for the messages that got it. Disabled devices have one too: what was accepted is parsed. */
  recipeOf(tenant: string, deviceUid: string): Recipe | Missing {
    if (this.#version !== this.#configuration.version) this.#forget();
    let ofTenant = this.#recipes.get(tenant);
    if (!ofTenant) this.#recipes.set(tenant, (ofTenant = new Map()));
    const known = ofTenant.get(deviceUid);
    if (known) return known;
    const found = this.#lookUp(tenant, deviceUid);
    if ('variables' in found) ofTenant.set(deviceUid, found);
    return found;
  }

  #forget(): void {
    this.#recipes = new Map();
    this.#version = this.#configuration.version;
  }

  #lookUp(tenant: string, deviceUid: string): Recipe | Missing {
    if (this.#configuration.isDeleted(tenant))
      return { code: 'tenant_deleted', detail: `The tenant ${tenant} was deleted.` };
    const device = this.#configuration.device(tenant, deviceUid);
    if (!device) return { code: 'unknown_device', detail: `There is no device ${deviceUid}.` };
    const product = this.#configuration.product(tenant, device.productId);
    if (!product) return { code: 'unknown_product', detail: `There is no product ${device.productId}.` };
    const rest = { variables: variablesOf(device), keepRawPayload: product.keepRawPayload };
    if (product.scriptId === null) return { script: undefined, scriptVersion: '', ...rest };
    const script = this.#configuration.script(tenant, product.scriptId);
    if (!script) return { code: 'unknown_script', detail: `There is no script ${product.scriptId}.` };
    return { script: this.#scripts.scriptOf(script), scriptVersion: `${script.scriptId}@${script.version}`, ...rest };
  }
}

/** What people say of the device, and what it shall be and says of itself beside that: nothing hides anything. */
function variablesOf({ attributes, desired, reported }: DeviceConfig): Recipe['variables'] {
  return { ...attributes, desired, reported };
}
