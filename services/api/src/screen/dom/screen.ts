/** The screen of one tenant while its key is valid: panels, and what keeps them up to date. */
import { type ApiClient, Refused } from '../api-client.ts';
import type { Access, Device } from '../answer-types.ts';
import { AlarmList } from './alarm-list.ts';
import { DeviceList } from './device-list.ts';
import { byId, setText } from './element.ts';
import { FlowPicture, flowTableHead } from './flow-picture.ts';
import { Polling } from './polling.ts';
import { SendForm } from './send-form.ts';
import type { ExampleFrame } from './session.ts';
import { SignalDialog } from './signal-dialog.ts';
import { StatusLine } from './status-line.ts';

const flowMs = 1_000;
const valuesMs = 2_000;
const coursesMs = 10_000;
const devicesMs = 10_000;

/** Many rows come into sight at once when a person scrolls. */
const appearMs = 150;

export class Screen {
  readonly #api: ApiClient;
  readonly #onRefused: (error: Refused) => void;
  readonly #status = new StatusLine();
  readonly #flow = new FlowPicture(byId('flow'), byId<HTMLTableSectionElement>('flow-rows'));
  readonly #devices: DeviceList;
  readonly #alarms: AlarmList;
  readonly #dialog: SignalDialog;
  readonly #form: SendForm;
  readonly #pollings: readonly Polling[];
  #appearing: number | undefined;

  constructor(api: ApiClient, access: Access, example: ExampleFrame | undefined, onRefused: (error: Refused) => void) {
    this.#api = api;
    this.#onRefused = onRefused;
    this.#dialog = new SignalDialog(api);
    byId('flow-head').replaceChildren(flowTableHead());
    setText(byId('tenant'), access.name);
    document.title = `${access.name} – Millrace`;
    this.#devices = new DeviceList(api, {
      place: byId('devices'),
      count: byId('device-count'),
      more: byId<HTMLButtonElement>('devices-more'),
      onOpen: (device, signal) => this.#dialog.open(device, signal),
      onAppear: () => this.#appear(),
    });
    this.#alarms = new AlarmList(byId('alarms'), byId('alarm-count'), (uid, signal) => this.#openAlarm(uid, signal));
    this.#form = new SendForm(api, {
      maySend: access.scopes.includes('ingest'),
      example,
      unitOf: (device: Device, signal) => this.#devices.unitOf(device, signal),
    });
    const filter = byId<HTMLInputElement>('device-filter');
    filter.oninput = () => this.#devices.filter(filter.value);
    const [values, courses] = [
      this.#polling(valuesMs, () => this.#refreshValues()),
      this.#polling(coursesMs, () => this.#devices.refreshCourses()),
    ];
    this.#pollings = [
      this.#polling(devicesMs, () => this.#refreshDevices()),
      values,
      courses,
      this.#polling(flowMs, () => this.#refreshFlow()),
    ];
    this.#refreshSoon = () => {
      values.now();
      courses.now();
    };
  }

  stop(): void {
    for (const polling of this.#pollings) polling.stop();
    this.#status.stop();
    this.#devices.stop();
    this.#form.stop();
    this.#dialog.close();
    clearTimeout(this.#appearing);
  }

  readonly #refreshSoon: () => void;

  #polling(everyMs: number, ask: () => Promise<void>): Polling {
    return new Polling({ everyMs, ask, onFailure: (error) => this.#fail(error) });
  }

  /** A store that is away is among the problems of the flow; only an api that is away makes all of it stale. */
  #fail(error: Error): void {
    if (error instanceof Refused && (error.status === 401 || error.status === 403)) this.#onRefused(error);
    else if (!(error instanceof Refused)) this.#status.failed(error);
  }

  async #refreshFlow(): Promise<void> {
    const problems = this.#flow.show(await this.#api.flow());
    this.#status.answered(problems);
  }

  async #refreshValues(): Promise<void> {
    const alarms = await this.#api.alarms();
    this.#alarms.show(alarms, Date.now());
    this.#devices.markAlarms(alarms);
    await this.#devices.refreshLatest();
  }

  async #refreshDevices(): Promise<void> {
    await this.#devices.refresh();
    this.#form.showDevices(this.#devices.devices);
  }

  #appear(): void {
    clearTimeout(this.#appearing);
    this.#appearing = window.setTimeout(this.#refreshSoon, appearMs);
  }

  #openAlarm(uid: string, signal: string): void {
    const device = this.#devices.devices.find((one) => one.deviceUid === uid);
    if (device) this.#dialog.open(device, { name: signal, unit: this.#devices.unitOf(device, signal) });
  }
}
