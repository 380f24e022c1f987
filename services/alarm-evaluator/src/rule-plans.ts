/** The compiled rules of each device, from the configuration as it is now. */
import { compileRules, ruleErrors, type RulePlan } from '@millrace/alarms';
import type { AlarmRuleConfig, DeviceConfig, FieldError } from '@millrace/contracts';

/** The part of the configuration that decides about alarms. */
export interface AlarmConfiguration {
  /** Counts every change. */
  readonly version: number;
  device(tenant: string, deviceUid: string): DeviceConfig | undefined;
  rulesOf(device: DeviceConfig): readonly AlarmRuleConfig[];
}

/** Called once per change of the configuration for each rule that is left out because it makes no sense. */
export type OnInvalidRule = (rule: AlarmRuleConfig, errors: readonly FieldError[]) => void;

export class RulePlans {
  readonly #configuration: AlarmConfiguration;
  readonly #onInvalid: OnInvalidRule;
  /** By the rules in it: devices of a product share one plan. Valid for one version of the configuration. */
  readonly #plans = new Map<string, RulePlan>();
  readonly #reported = new Set<string>();
  #version = -1;

  constructor(configuration: AlarmConfiguration, onInvalid: OnInvalidRule) {
    this.#configuration = configuration;
    this.#onInvalid = onInvalid;
  }

  /** While it is the same number, plans stay the same. */
  get version(): number {
    return this.#configuration.version;
  }

  /** Undefined: the configuration has no such device. */
  planOf(tenant: string, deviceUid: string): RulePlan | undefined {
    const device = this.#configuration.device(tenant, deviceUid);
    if (!device) return undefined;
    if (this.#version !== this.#configuration.version) this.#forget();
    const rules = this.#configuration.rulesOf(device);
    const name = rules.map((rule) => `${rule.tenant}/${rule.ruleId}`).join();
    let plan = this.#plans.get(name);
    if (!plan) {
      plan = compileRules(rules.filter((rule) => this.#makesSense(rule)));
      this.#plans.set(name, plan);
    }
    return plan;
  }

  #forget(): void {
    this.#version = this.#configuration.version;
    this.#plans.clear();
    this.#reported.clear();
  }

  #makesSense(rule: AlarmRuleConfig): boolean {
    const errors = ruleErrors(rule);
    const name = `${rule.tenant}/${rule.ruleId}`;
    if (errors.length > 0 && !this.#reported.has(name)) {
      this.#reported.add(name);
      this.#onInvalid(rule, errors);
    }
    return errors.length === 0;
  }
}
