/**
 * MQTT 3.1.1 and 5, as a client of any broker. The session is our own, on the packets of `mqtt-packet`: mqtt.js handles
 * one message after the other, so waiting for Kafka before each receipt leaves about a hundred messages a second.
 *
 * QoS 0 is taken as it comes, QoS 1 and 2 get their receipt after the message is durable. The session is persistent: while
 * nobody is connected the broker keeps the messages.
 */
import type { Connector } from './connector.ts';
import { MqttSession } from './mqtt/session.ts';
import { type MqttSettings, mqttSettings } from './mqtt/settings.ts';

export const mqttConnector: Connector<MqttSettings> = {
  kind: 'mqtt',
  settings: mqttSettings,
  open: (settings, ports, signal) => new MqttSession(settings, ports, signal),
};
