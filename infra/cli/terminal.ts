/** Writes for people: colours on a terminal, plain text elsewhere, and progress on anything that takes longer. */
import { styleText } from 'node:util';
import { UserError } from '../stack/user-error.ts';
import { runStep, type Report, type Steps } from './step.ts';

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

export interface TerminalSettings {
  readonly colours: boolean;
  /** Progress is drawn over itself; otherwise it is written as lines. */
  readonly animated: boolean;
}

export class Terminal implements Steps {
  readonly #settings: TerminalSettings;

  constructor(settings: TerminalSettings = settingsOfProcess()) {
    this.#settings = settings;
  }

  /** A line of the result. */
  line(text = ''): void {
    process.stdout.write(`${text}\n`);
  }

  /** A line beside the result. */
  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  /** Why something failed: one sentence where the person can mend it, all there is to know where they cannot. */
  explain(error: unknown): void {
    if (error instanceof UserError) this.note(`${this.styled('red', 'millrace:')} ${error.message}`);
    else this.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  styled(style: Style, text: string): string {
    return this.#settings.colours ? styleText(style, text, { validateStream: false }) : text;
  }

  /** Shows that `work` goes on, what it is at, and how long it took. */
  step<T>(title: string, work: (report: Report) => Promise<T>): Promise<T> {
    const { animated } = this.#settings;
    const write = (text: string): void => void process.stderr.write(text);
    const marks = { done: this.styled('green', '✓'), failed: this.styled('red', '✗') };
    return runStep({ title, animated, write, columns: process.stderr.columns ?? 80, marks }, work);
  }
}

function settingsOfProcess(): TerminalSettings {
  const dumb = process.env['TERM'] === 'dumb';
  return {
    colours: process.stdout.isTTY === true && !process.env['NO_COLOR'] && !dumb,
    animated: process.stderr.isTTY === true && !dumb,
  };
}
