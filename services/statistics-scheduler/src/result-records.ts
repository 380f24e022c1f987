/** Results as they stand in `statistics.results.v1`. */
import {
  deviceKey,
  type ErrorCode,
  isoTimeOf,
  type StatisticConfig,
  type StatisticResult,
  topics,
} from '@millrace/contracts';
import { type OutgoingRecord, partitionOf } from '@millrace/kafka';
import type { Evaluation } from '@millrace/sandbox';
import { resultIdOf, type Window } from '@millrace/statistics';

/** What the results of a run have in common. */
export interface ResultContext {
  readonly definition: StatisticConfig;
  readonly window: Window;
  readonly scriptVersion: string;
  readonly computedAtMicros: number;
}

/** Why there is no value; a script's failure and an error of ours are ones. */
export interface ResultFailure {
  readonly code: ErrorCode;
  readonly detail: string;
}

/** Who says it, a URI reference as CloudEvents asks for; the same for all instances, because any may make the result again. */
const source = '/millrace/statistics-scheduler';

/** The first evaluation of a window; revisions count from there. */
const firstRevision = 0;

export function computedResult(
  context: ResultContext,
  deviceUid: string,
  inputPoints: number,
  { values, warnings }: Evaluation,
): StatisticResult {
  return { ...resultOf(context, deviceUid), status: 'computed', values, inputPoints, warnings };
}

export function failedResult(
  context: ResultContext,
  deviceUid: string,
  inputPoints: number,
  { code, detail }: ResultFailure,
): StatisticResult {
  return { ...resultOf(context, deviceUid), status: 'failed', inputPoints, errorCode: code, errorDetail: detail };
}

/** A CloudEvent in binary mode of its Kafka binding. `encode`: of the topic's codec. */
export function recordOf(result: StatisticResult, encode: (result: StatisticResult) => Buffer): OutgoingRecord {
  const { name: topic, partitions } = topics.statisticResults;
  const key = deviceKey(result.tenant, result.deviceUid ?? result.statisticId);
  const headers = {
    ce_specversion: '1.0',
    ce_id: result.resultId.toString('hex'),
    ce_type: `io.millrace.statistic.${result.status}`,
    ce_source: source,
    ce_subject: key,
    ce_time: isoTimeOf(result.windowEndMicros),
    'content-type': 'application/avro',
  };
  return { topic, partition: partitionOf(key, partitions), key, value: encode(result), headers };
}

function resultOf({ definition, window, scriptVersion, computedAtMicros }: ResultContext, deviceUid: string) {
  const { tenant, statisticId, version, name } = definition;
  const windowEndMicros = window.endMs * 1_000;
  return {
    resultId: resultIdOf({ tenant, statisticId, deviceUid, windowEndMicros, revision: firstRevision }),
    tenant,
    statisticId,
    statisticVersion: version,
    statisticName: name,
    deviceUid,
    windowStartMicros: window.startMs * 1_000,
    windowEndMicros,
    revision: firstRevision,
    values: [],
    scriptVersion,
    warnings: [],
    errorCode: '',
    errorDetail: '',
    computedAtMicros,
  };
}
