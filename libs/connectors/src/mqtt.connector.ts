/**
 * MQTT 3.1.1 and 5, as a client of any broker. The session is our own, on the packets of `mqtt-packet`: mqtt.js handles
 * one message after the other, so waiting for Kafka before each receipt leaves about a hundred messages a second.
 *
 * QoS 0 is taken as it comes, QoS 1 and 2 get their receipt after the message is durable. The session is persistent unless it is
 * to be clean: while nobody is connected the broker keeps the messages. With the client id the broker lets one owner in at a time,
 * so whoever connects ends the connection of the one before.
 */
import type { Connector } from './connector.ts';
import { MqttSession } from './mqtt/session.ts';
import { isSharedFilter } from './mqtt/topic-filter.ts';
import { type MqttSettings, mqttSettings } from './mqtt/settings.ts';

export const mqttConnector: Connector<MqttSettings> = {
  kind: 'mqtt',
  settings: mqttSettings,
  isShared: ({ subscriptions }) => subscriptions.some(({ topicFilter }) => isSharedFilter(topicFilter)),
  open: (settings, ports, signal) => new MqttSession(settings, ports, signal),
};
