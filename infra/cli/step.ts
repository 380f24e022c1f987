/** Progress of one step: a line that moves on a terminal; elsewhere a line when it lasts, some on the way, one at the end. */

/** Says what the step is at. */
export type Report = (text: string) => void;

/** Who shows steps: a terminal, or a background process that tells the one in front of it. */
export interface Steps {
  step<T>(title: string, work: (report: Report) => Promise<T>): Promise<T>;
}

export interface StepDisplay {
  readonly title: string;
  readonly animated: boolean;
  readonly columns: number;
  readonly marks: { readonly done: string; readonly failed: string };
  readonly write: (text: string) => void;
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 100;

/** Where lines are not drawn over: quiet for this long, then a sign of life this often. */
const quietMs = 2_000;
const signOfLifeMs = 5_000;

const eraseLine = '\r\u001B[K';

export async function runStep<T>(display: StepDisplay, work: (report: Report) => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  const elapsedS = (): string => `${((performance.now() - startedMs) / 1_000).toFixed(1)} s`;
  let detail = '';
  const stop = display.animated ? animate(display, () => detail, elapsedS) : sayNowAndThen(display, () => detail);
  const finish = (mark: string): void => {
    stop();
    display.write(`${mark} ${display.title} (${elapsedS()})\n`);
  };
  try {
    const result = await work((text) => (detail = text));
    finish(display.marks.done);
    return result;
  } catch (error) {
    finish(display.marks.failed);
    throw error;
  }
}

function animate({ title, columns, write }: StepDisplay, detail: () => string, elapsedS: () => string): () => void {
  let frame = 0;
  const draw = (): void => {
    frame += 1;
    const text = [title, detail(), elapsedS()].filter(Boolean).join(' · ');
    write(`${eraseLine}${frames[frame % frames.length]} ${text.slice(0, columns - 3)}`);
  };
  const timer = setInterval(draw, frameMs);
  return () => {
    clearInterval(timer);
    write(eraseLine);
  };
}

function sayNowAndThen({ title, write }: StepDisplay, detail: () => string): () => void {
  const say = (): void => write(`${title} ...${detail() === '' ? '' : ` ${detail()}`}\n`);
  let repeated: NodeJS.Timeout | undefined;
  const first = setTimeout(() => {
    say();
    repeated = setInterval(say, signOfLifeMs);
  }, quietMs);
  return () => {
    clearTimeout(first);
    clearInterval(repeated);
  };
}
