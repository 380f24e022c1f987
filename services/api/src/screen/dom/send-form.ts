/** The form that sends a frame as a device, and shows its way. */
import type { ApiClient } from '../api-client.ts';
import type { Device } from '../answer-types.ts';
import { type FrameFormat, frameBodyOf, UnreadableFrame } from '../frame-text.ts';
import { byId, html, setText } from './element.ts';
import { JourneyView } from './journey-view.ts';
import type { ExampleFrame } from './session.ts';

export interface SendFormParts {
  readonly maySend: boolean;
  readonly example: ExampleFrame | undefined;
  readonly unitOf: (device: Device, signal: string) => string;
}

const placeholders: Readonly<Record<FrameFormat, string>> = {
  hex: 'cb f6 0b 0d 03 76 01 0a dd 7f ff',
  base64: 'y/YLDQN2AQrdf/8=',
  json: '{"temperature": 21.5}',
};

export class SendForm {
  readonly #api: ApiClient;
  readonly #parts: SendFormParts;
  readonly #form = byId<HTMLFormElement>('send-form');
  readonly #device = byId<HTMLSelectElement>('send-device');
  readonly #frame = byId<HTMLTextAreaElement>('send-frame');
  readonly #attributes = byId<HTMLInputElement>('send-attributes');
  readonly #button = byId<HTMLButtonElement>('send-button');
  readonly #error = byId('send-error');
  readonly #journeyPlace = byId('send-journey');
  #devices: readonly Device[] = [];
  #running: AbortController | undefined;

  constructor(api: ApiClient, parts: SendFormParts) {
    this.#api = api;
    this.#parts = parts;
    this.#form.onsubmit = (event) => {
      event.preventDefault();
      void this.#send();
    };
    for (const choice of this.#form.querySelectorAll<HTMLInputElement>('input[name=format]'))
      choice.onchange = () => (this.#frame.placeholder = placeholders[choice.value as FrameFormat]);
    this.#frame.placeholder = placeholders.hex;
    this.#button.disabled = !parts.maySend;
    byId('send-refused').hidden = parts.maySend;
    this.#journeyPlace.replaceChildren();
    setText(this.#error, '');
  }

  showDevices(devices: readonly Device[]): void {
    const same = devices.length === this.#devices.length && devices.every((one, at) => one === this.#devices[at]);
    if (same) return;
    const isFirst = this.#devices.length === 0;
    const chosen = isFirst ? this.#parts.example?.device : this.#device.value;
    this.#devices = devices;
    const options = devices.map(({ deviceUid: uid, name }) =>
      html('option', { value: uid }, name ? `${name} (${uid})` : uid),
    );
    this.#device.replaceChildren(...options);
    if (chosen !== undefined && devices.some(({ deviceUid }) => deviceUid === chosen)) this.#device.value = chosen;
    if (isFirst && this.#parts.example?.device === this.#device.value) this.#fillIn(this.#parts.example);
  }

  /** What is still on its way is not followed any more. */
  stop(): void {
    this.#running?.abort();
  }

  #fillIn({ hex, attributes }: ExampleFrame): void {
    this.#frame.value = hex;
    this.#attributes.value = attributes;
  }

  async #send(): Promise<void> {
    setText(this.#error, '');
    const device = this.#devices.find(({ deviceUid }) => deviceUid === this.#device.value);
    if (!device) return setText(this.#error, 'Choose a device.');
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.#button.disabled = true;
    const view = new JourneyView((signal) => this.#parts.unitOf(device, signal));
    try {
      const format = new FormData(this.#form).get('format') as FrameFormat;
      const body = frameBodyOf(this.#frame.value, format, this.#attributes.value);
      this.#journeyPlace.replaceChildren(view.element);
      for await (const step of this.#api.journey(device.deviceUid, body, running.signal)) {
        view.show(step);
        // Accepted: the next one may be sent, and takes the place of this one.
        this.#button.disabled = false;
      }
    } catch (error) {
      if (!running.signal.aborted) this.#fail(error as Error, view);
    } finally {
      if (this.#running === running) this.#button.disabled = false;
    }
  }

  #fail(error: Error, view: JourneyView): void {
    setText(this.#error, error.message);
    if (error instanceof UnreadableFrame) this.#frame.focus();
    else view.end(undefined);
  }
}
