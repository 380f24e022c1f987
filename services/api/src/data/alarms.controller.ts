import { CONFIGURATION } from '@millrace/platform';
import { isoTimeOf, MillraceError } from '@millrace/contracts';
import type { FollowedConfiguration } from '@millrace/config';
import { ApiOkResponse, ApiOperation, ApiTags, Needs, Tenant } from '@millrace/platform/rest';
import type { Point } from '@millrace/timeseries';
import { Controller, Get, Inject, Param } from '@nestjs/common';
import type { z } from 'zod';
import { type ActiveAlarm, ActiveAlarms } from './active-alarms.ts';
import { deviceUid, pointOf } from './answers.ts';
import { DeviceData } from './device-data.ts';
import { alarmsAnswer, limitsAnswer } from './overview-answers.ts';

/** More than anybody reads; the total says how many there are. */
const alarmsPerAnswerMax = 200;

/** Alarms of the caller's tenant, and the limits that raise them. */
@Controller('v1')
@Needs('read')
@ApiTags('alarms')
export class AlarmsController {
  readonly #active: ActiveAlarms;
  readonly #followed: FollowedConfiguration;
  readonly #deviceData: DeviceData;

  constructor(active: ActiveAlarms, @Inject(CONFIGURATION) followed: FollowedConfiguration, deviceData: DeviceData) {
    this.#active = active;
    this.#followed = followed;
    this.#deviceData = deviceData;
  }

  @Get('alarms')
  @ApiOperation({ summary: 'Active alarms, the worst first' })
  @ApiOkResponse({ standardSchema: alarmsAnswer })
  async alarms(@Tenant() tenant: string): Promise<z.infer<typeof alarmsAnswer>> {
    const all = this.#active.of(tenant);
    const shown = all.slice(0, alarmsPerAnswerMax);
    const latest = await this.#latestOf(tenant, shown);
    return { alarms: shown.map((alarm) => this.#answerOf(tenant, alarm, latest)), total: all.length };
  }

  @Get('devices/:uid/alarm-limits')
  @ApiOperation({ summary: 'The rules that watch a device, with the interval of each grade' })
  @ApiOkResponse({ standardSchema: limitsAnswer })
  limits(@Tenant() tenant: string, @Param('uid', { schema: deviceUid }) uid: string): z.infer<typeof limitsAnswer> {
    const device = this.#followed.configuration.device(tenant, uid);
    if (!device) throw new MillraceError('not_found', `There is no device ${uid}.`);
    const rules = this.#followed.configuration.rulesOf(device);
    return limitsAnswer.parse({
      rules: rules.map(({ ruleId, name, signal, grades }) => ({
        ruleId,
        name,
        signal,
        grades: grades.map(({ severity, low, high }) => ({ severity, low, high })),
      })),
    });
  }

  /** An alarm is worth telling without a value: Redis may be away. */
  async #latestOf(tenant: string, alarms: readonly ActiveAlarm[]) {
    const uids = [...new Set(alarms.map(({ device }) => device.deviceUid))];
    return this.#deviceData.latestOfMany(tenant, uids).catch(() => new Map<string, ReadonlyMap<string, Point>>());
  }

  #answerOf(
    tenant: string,
    { alarmId, device, rule, grade, severity, sinceMicros }: ActiveAlarm,
    latest: ReadonlyMap<string, ReadonlyMap<string, Point>>,
  ): z.infer<typeof alarmsAnswer>['alarms'][0] {
    const { deviceUid: uid, name: deviceName, productId } = device;
    const { ruleId, name: ruleName, signal } = rule;
    const signals = this.#followed.configuration.product(tenant, productId)?.signals ?? [];
    const point = latest.get(uid)?.get(signal);
    return {
      alarmId,
      device: uid,
      deviceName,
      ruleId,
      ruleName,
      signal,
      unit: signals.find((one) => one.name === signal)?.unit ?? '',
      severity,
      since: isoTimeOf(sinceMicros),
      low: grade?.low ?? null,
      high: grade?.high ?? null,
      latest: point ? pointOf(point) : null,
    };
  }
}
