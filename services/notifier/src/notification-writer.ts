/** Turns an event into the text for one channel. */
import { type Channel, compileTemplate, type Notification, type PlaceValues, type Template } from '@millrace/channels';
import {
  type AlarmEvent,
  type DeviceConfig,
  MillraceError,
  type ProductConfig,
  type TemplateConfig,
} from '@millrace/contracts';
import { type Delivery, notificationId } from './delivery.ts';
import { placeValuesOf } from './place-values.ts';

export interface TextConfiguration {
  device(tenant: string, deviceUid: string): DeviceConfig | undefined;
  product(tenant: string, productId: string): ProductConfig | undefined;
  template(tenant: string, templateId: string): TemplateConfig | undefined;
}

/** Called once per version of a template that names places which there are not. */
export type OnUnknownPlaces = (template: TemplateConfig, places: readonly string[]) => void;

interface CompiledTemplate {
  readonly subject: Template;
  readonly body: Template;
}

export class NotificationWriter {
  readonly #configuration: TextConfiguration;
  readonly #onUnknownPlaces: OnUnknownPlaces;
  /** By configuration: a changed template is another object. */
  readonly #compiled = new WeakMap<TemplateConfig, CompiledTemplate>();
  readonly #reported = new WeakSet<TemplateConfig>();

  constructor(configuration: TextConfiguration, onUnknownPlaces: OnUnknownPlaces) {
    this.#configuration = configuration;
    this.#onUnknownPlaces = onUnknownPlaces;
  }

  /** Throws `configuration_behind` for a template that is not there (yet). */
  write(delivery: Delivery, channel: Pick<Channel, 'escape'>): Notification {
    const { event, templateId } = delivery;
    const template = this.#configuration.template(event.tenant, templateId);
    if (!template) throw new MillraceError('configuration_behind', `The tenant has no template ${templateId}.`);
    const { subject, body } = this.#compiledOf(template);
    const values = this.#valuesOf(event);
    // A subject is one plain line on every channel; the member sees to that.
    const line = subject.render(values, (value) => value);
    const text = body.render(values, (value) => channel.escape(value));
    this.#report(template, [...new Set([...line.unknown, ...text.unknown])]);
    return { id: notificationId(delivery), subject: line.text, body: text.text };
  }

  #valuesOf(event: AlarmEvent): PlaceValues {
    const device = this.#configuration.device(event.tenant, event.deviceUid);
    const product = device && this.#configuration.product(event.tenant, device.productId);
    return placeValuesOf(event, { device, product });
  }

  #compiledOf(template: TemplateConfig): CompiledTemplate {
    let compiled = this.#compiled.get(template);
    if (!compiled) {
      compiled = { subject: compileTemplate(template.subject), body: compileTemplate(template.body) };
      this.#compiled.set(template, compiled);
    }
    return compiled;
  }

  #report(template: TemplateConfig, unknown: readonly string[]): void {
    if (unknown.length === 0 || this.#reported.has(template)) return;
    this.#reported.add(template);
    this.#onUnknownPlaces(template, unknown);
  }
}
