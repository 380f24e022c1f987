/**
 * Modbus TCP: asks one machine for its registers, again and again (MODBUS Messaging on TCP/IP Implementation Guide 1.0b). One
 * poll is one message: a JSON object of the register map's names and values, with the time at which the poll began, for a
 * product without a script. What the machine refuses to tell is left out and counted, and everything else goes on.
 *
 * The protocol is our own and reads only. `jsmodbus` takes a reply it cannot parse for one that is not complete yet and
 * collects for ever, and lets a reply that comes late fail the request after it; `modbus-serial` brings a native serial port.
 */
import type { Connector } from './connector.ts';
import { ModbusMachine } from './modbus-tcp/machine.ts';
import { type ModbusSettings, modbusSettings } from './modbus-tcp/settings.ts';
import { Poller } from './poller.ts';

/** Polls that wait for Kafka: a quarter of an hour at one a second. */
const waitingMax = { messagesMax: 1_000, bytesMax: 16 * 1024 * 1024 };

export const modbusTcpConnector: Connector<ModbusSettings> = {
  kind: 'modbus-tcp',
  settings: modbusSettings,
  isShared: () => false,
  open(settings, ports, signal) {
    const machine = new ModbusMachine(settings, ports, (failure) => poller.note(failure));
    const { intervalMs } = settings;
    const poller = new Poller({ ports, intervalMs, waitingMax, source: machine }, signal);
    return poller;
  },
};
