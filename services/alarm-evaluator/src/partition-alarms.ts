/** The alarms of all devices in one partition, from the checkpoint on. */
import { DeviceAlarms } from '@millrace/alarms';
import { type AlarmEvent, type AlarmStates, type DataRowList, deviceKey } from '@millrace/contracts';
import type { RulePlans } from './rule-plans.ts';

/** What a batch changed, to be stored at once: all events in order, one checkpoint per device. */
export interface Transitions {
  readonly events: readonly AlarmEvent[];
  readonly states: readonly AlarmStates[];
}

interface KnownDevice {
  readonly alarms: DeviceAlarms;
  /** Of the configuration that its plan was made from. */
  version: number;
}

export class PartitionAlarms {
  readonly #plans: RulePlans;
  /** Checkpoints of devices that have not sent since. */
  readonly #restored: Map<string, AlarmStates>;
  readonly #devices = new Map<string, KnownDevice>();
  #events: AlarmEvent[] = [];
  readonly #changed = new Set<DeviceAlarms>();

  /** `restored`: checkpoints by device key. */
  constructor(plans: RulePlans, restored: ReadonlyMap<string, AlarmStates>) {
    this.#plans = plans;
    this.#restored = new Map(restored);
  }

  /** Transitions not taken yet. */
  get waiting(): number {
    return this.#events.length;
  }

  /** Evaluates one message; returns how many of its rows a rule looked at, undefined: the device is unknown. */
  evaluate(list: DataRowList): number | undefined {
    const device = this.#device(list);
    if (!device) return undefined;
    const before = this.#events.length;
    const evaluated = device.evaluate(list, this.#events);
    if (this.#events.length > before) this.#changed.add(device);
    return evaluated;
  }

  /** What was evaluated since the last call. Until it is stored, these alarms are ahead of their checkpoint. */
  take(): Transitions {
    const transitions = { events: this.#events, states: [...this.#changed].map((device) => device.states()) };
    this.#events = [];
    this.#changed.clear();
    return transitions;
  }

  #device({ tenant, deviceUid }: DataRowList): DeviceAlarms | undefined {
    const key = deviceKey(tenant, deviceUid);
    const known = this.#devices.get(key);
    const { version } = this.#plans;
    if (known?.version === version) return known.alarms;
    const plan = this.#plans.planOf(tenant, deviceUid);
    if (!plan) return undefined;
    if (known) {
      known.alarms.replan(plan);
      known.version = version;
      return known.alarms;
    }
    const alarms = new DeviceAlarms(tenant, deviceUid, plan, this.#restored.get(key)?.states);
    this.#restored.delete(key);
    this.#devices.set(key, { alarms, version });
    return alarms;
  }
}
