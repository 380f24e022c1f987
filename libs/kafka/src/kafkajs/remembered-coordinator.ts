/**
 * kafkajs 2.2.4 asks who coordinates before every request of a transaction: four questions for each of them, a sixth of all
 * requests at the standard load. A transactional producer remembers the answers for some seconds instead. After a move of the
 * coordinator its transactions are refused for that long, which their callers repeat anyway. Other clients ask rarely and
 * need the answer of the moment.
 */
import { internalModule } from './internals.ts';

const rememberedMsMax = 2_000;
const transactionCoordinator = 1;

interface Question {
  readonly groupId: string;
  readonly coordinatorType: number;
}

interface Cluster {
  findGroupCoordinatorMetadata(question: Question): Promise<unknown>;
}

class Answers {
  readonly #byQuestion = new Map<string, { readonly answer: Promise<unknown>; readonly askedMs: number }>();

  of({ groupId, coordinatorType }: Question, ask: () => Promise<unknown>): Promise<unknown> {
    const key = `${coordinatorType} ${groupId}`;
    const known = this.#byQuestion.get(key);
    if (known && performance.now() - known.askedMs < rememberedMsMax) return known.answer;
    const answer = ask();
    this.#byQuestion.set(key, { answer, askedMs: performance.now() });
    answer.catch(() => this.#byQuestion.delete(key));
    return answer;
  }
}

/** Of the clusters of transactional producers: no other asks for the coordinator of a transaction. */
const answersOf = new WeakMap<Cluster, Answers>();

const { prototype } = internalModule<{ prototype: Cluster }>('cluster');
const ask = Reflect.get(prototype, 'findGroupCoordinatorMetadata');

prototype.findGroupCoordinatorMetadata = function remembered(question): Promise<unknown> {
  if (question.coordinatorType === transactionCoordinator && !answersOf.has(this)) answersOf.set(this, new Answers());
  return answersOf.get(this)?.of(question, () => ask.call(this, question)) ?? ask.call(this, question);
};
