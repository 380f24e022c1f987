/** Which alarm rules apply to a device: asked for every record, changed rarely. */
import { type AlarmRuleConfig, type DeviceConfig, deviceKey } from '@millrace/contracts';
import { entityKey } from './entities.ts';

const none: readonly AlarmRuleConfig[] = [];

interface RulesOfDevice {
  readonly all: readonly AlarmRuleConfig[];
  readonly bySignal: ReadonlyMap<string, readonly AlarmRuleConfig[]>;
}

export class RuleIndex {
  readonly #byProduct = new Map<string, AlarmRuleConfig[]>();
  readonly #byDevice = new Map<string, AlarmRuleConfig[]>();
  /** Answers given since the last change, by device; one entry per device at most. */
  #answers = new Map<string, RulesOfDevice>();

  rulesOf(device: DeviceConfig): readonly AlarmRuleConfig[] {
    return this.#answer(device).all;
  }

  rulesOfSignal(device: DeviceConfig, signal: string): readonly AlarmRuleConfig[] {
    return this.#answer(device).bySignal.get(signal) ?? none;
  }

  replace(before: AlarmRuleConfig | undefined, after: AlarmRuleConfig | null): void {
    this.forget();
    if (before) remove(this.#listOf(before), before);
    if (after) this.#listOf(after).push(after);
  }

  /** A device changed: it may be of another product now. */
  forget(): void {
    if (this.#answers.size > 0) this.#answers = new Map();
  }

  #answer(device: DeviceConfig): RulesOfDevice {
    const key = deviceKey(device.tenant, device.deviceUid);
    let answer = this.#answers.get(key);
    if (!answer) {
      const ofProduct = this.#byProduct.get(entityKey(device.tenant, device.productId)) ?? none;
      const all = [...ofProduct, ...(this.#byDevice.get(key) ?? none)].sort(byRuleId);
      answer = { all, bySignal: Map.groupBy(all, (rule) => rule.signal) };
      this.#answers.set(key, answer);
    }
    return answer;
  }

  #listOf(rule: AlarmRuleConfig): AlarmRuleConfig[] {
    const lists = rule.deviceUid === null ? this.#byProduct : this.#byDevice;
    const key = entityKey(rule.tenant, rule.deviceUid ?? rule.productId ?? '');
    const list = lists.get(key) ?? [];
    lists.set(key, list);
    return list;
  }
}

/** The order must not depend on the order of the configuration's records: events are made again from the same input. */
function byRuleId(a: AlarmRuleConfig, b: AlarmRuleConfig): number {
  return a.ruleId < b.ruleId ? -1 : 1;
}

function remove<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}
