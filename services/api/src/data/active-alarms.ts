/** Alarms that are active now, from the evaluator's checkpoints; kept by tenant, and only those that are active. */
import type { Configuration } from '@millrace/config';
import {
  type AlarmGrade,
  type AlarmRuleConfig,
  type AlarmState,
  type AlarmStates,
  type DeviceConfig,
  topics,
} from '@millrace/contracts';
import type { Table } from '@millrace/kafka';
import type { z } from 'zod';
import { severity as severityName } from './overview-answers.ts';

export type Severity = z.infer<typeof severityName>;

export interface ActiveAlarm {
  readonly alarmId: string;
  readonly device: DeviceConfig;
  readonly rule: AlarmRuleConfig;
  readonly grade: AlarmGrade | undefined;
  readonly severity: Severity;
  readonly sinceMicros: number;
}

interface RaisedState extends AlarmState {
  readonly deviceUid: string;
  readonly severity: Severity;
}

type AlarmConfiguration = Pick<Configuration, 'device' | 'rulesOf'>;

export class ActiveAlarms implements Table<AlarmStates> {
  readonly topic = topics.alarmStates;
  readonly #configuration: AlarmConfiguration;
  /** By tenant, then device. */
  readonly #raised = new Map<string, Map<string, readonly RaisedState[]>>();

  constructor(configuration: AlarmConfiguration) {
    this.#configuration = configuration;
  }

  apply(key: string, value: AlarmStates | null): void {
    const [tenant = '', deviceUid = ''] = key.split('/');
    const devices = this.#raised.get(tenant) ?? new Map<string, readonly RaisedState[]>();
    const raised = (value?.states ?? []).flatMap((state) => raisedStateOf(deviceUid, state) ?? []);
    if (raised.length > 0) devices.set(deviceUid, raised);
    else devices.delete(deviceUid);
    if (devices.size > 0) this.#raised.set(tenant, devices);
    else this.#raised.delete(tenant);
  }

  /**
   * The worst first, then the newest. Left out is what the configuration no longer has: a device or rule that is gone, and an
   * older version of a rule, which starts from no alarm.
   */
  of(tenant: string): readonly ActiveAlarm[] {
    const states = [...(this.#raised.get(tenant)?.values() ?? [])].flat();
    const alarms = states.flatMap((state) => this.#alarmOf(tenant, state) ?? []);
    return alarms.toSorted((a, b) => rankOf(b) - rankOf(a) || b.sinceMicros - a.sinceMicros);
  }

  #alarmOf(tenant: string, { deviceUid, alarmId, ruleId, ruleVersion, severity, sinceMicros }: RaisedState) {
    const device = this.#configuration.device(tenant, deviceUid);
    const rule = device && this.#configuration.rulesOf(device).find((one) => one.ruleId === ruleId);
    if (!device || rule?.version !== ruleVersion) return undefined;
    const grade = rule.grades.find((one) => one.severity === severity);
    return { alarmId: alarmId?.toString('hex') ?? '', device, rule, grade, severity, sinceMicros };
  }
}

const rankOf = ({ severity }: ActiveAlarm): number => severityName.options.indexOf(severity);

/** Undefined for a state of no alarm. */
function raisedStateOf(deviceUid: string, state: AlarmState): RaisedState | undefined {
  const { data: severity } = severityName.safeParse(state.severity);
  return severity && { ...state, deviceUid, severity };
}
