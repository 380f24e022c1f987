/** What turns the points of a window into values: a script in the sandbox, or a built-in aggregation in its place. */
import type { Configuration } from '@millrace/config';
import { type AggregationName, MillraceError, type StatisticConfig } from '@millrace/contracts';
import {
  evaluateInputs,
  type Evaluation,
  type EvaluationInput,
  type Script,
  ScriptBook,
  type ScriptExecutor,
  type ScriptFailure,
} from '@millrace/sandbox';
import { aggregate, isAggregation } from '@millrace/statistics';

export interface Evaluator {
  /** As in StatisticResult. */
  readonly scriptVersion: string;
  /** One outcome per input, in order; a script that fails costs its own outcome. */
  evaluate(inputs: readonly EvaluationInput[], signal: AbortSignal): Promise<readonly (Evaluation | ScriptFailure)[]>;
}

export class Evaluators {
  readonly #configuration: Pick<Configuration, 'script'>;
  readonly #executor: ScriptExecutor;
  readonly #scripts = new ScriptBook();

  constructor(configuration: Pick<Configuration, 'script'>, executor: ScriptExecutor) {
    this.#configuration = configuration;
    this.#executor = executor;
  }

  /** Throws `unknown_script`, or `configuration_invalid` for an aggregation that does not exist. */
  evaluatorOf({ tenant, aggregation, scriptId }: StatisticConfig): Evaluator {
    if (aggregation !== null) {
      if (isAggregation(aggregation)) return new BuiltInEvaluator(aggregation);
      throw new MillraceError('configuration_invalid', `There is no aggregation ${aggregation}.`);
    }
    const script = this.#configuration.script(tenant, scriptId ?? '');
    if (!script) throw new MillraceError('unknown_script', `There is no script ${scriptId}.`);
    const version = `${script.scriptId}@${script.version}`;
    return new ScriptEvaluator(this.#executor, this.#scripts.scriptOf(script), version);
  }
}

class ScriptEvaluator implements Evaluator {
  readonly #executor: ScriptExecutor;
  readonly #script: Script;
  readonly scriptVersion: string;

  constructor(executor: ScriptExecutor, script: Script, scriptVersion: string) {
    this.#executor = executor;
    this.#script = script;
    this.scriptVersion = scriptVersion;
  }

  evaluate(inputs: readonly EvaluationInput[], signal: AbortSignal): Promise<readonly (Evaluation | ScriptFailure)[]> {
    return evaluateInputs(this.#executor, this.#script, inputs, signal);
  }
}

/** Takes the first input: the configuration has made sure that there is no other. */
class BuiltInEvaluator implements Evaluator {
  readonly #aggregation: AggregationName;
  readonly scriptVersion = '';

  constructor(aggregation: AggregationName) {
    this.#aggregation = aggregation;
  }

  async evaluate(inputs: readonly EvaluationInput[]): Promise<readonly Evaluation[]> {
    return inputs.map((input) => {
      const [points = []] = Object.values(input.inputs);
      const value = aggregate(
        this.#aggregation,
        points.map(([, pointValue, quality]) => ({ value: pointValue, quality })),
      );
      return { values: [{ name: this.#aggregation, value }], warnings: [] };
    });
  }
}
