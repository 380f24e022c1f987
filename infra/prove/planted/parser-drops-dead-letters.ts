/** The bug: the parser drops a dead letter now and then. */
import { DeadLetterWriter } from '@millrace/kafka';
import { changeMethod } from './change-method.ts';

const droppedEvery = 3;
let count = 0;

changeMethod(DeadLetterWriter.prototype, 'write', (write) => {
  return function writeMost(this: DeadLetterWriter, letters, signal) {
    const kept = letters.filter(() => (count += 1) % droppedEvery !== 0);
    return write.call(this, kept, signal);
  };
});
