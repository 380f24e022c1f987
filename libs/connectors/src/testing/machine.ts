/** A machine for tests: the Modbus server of `jsmodbus`, an implementation that is not ours, with faults on demand. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import {
  type ModbusAbstractRequest,
  ModbusTCPRequest,
  ModbusTCPResponse,
  ModbusTCPServer,
  requests,
  responses,
} from 'jsmodbus';

const tableBytes = 1024;
const illegalAddress = 2;

export class Machine {
  readonly coils = Buffer.alloc(tableBytes);
  readonly discrete = Buffer.alloc(tableBytes);
  readonly input = Buffer.alloc(tableBytes);
  /** Words that there are; another address is refused. */
  readonly holding = new Map<number, number>();
  /** Reads of holding registers that came: first address and count. */
  readonly reads: (readonly [address: number, count: number])[] = [];
  /** Takes requests and answers nothing. */
  mute = false;
  /** Connections that came. */
  visits = 0;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  static async start(): Promise<Machine> {
    const machine = new Machine();
    await machine.listen();
    return machine;
  }

  get url(): string {
    return `modbus-tcp://127.0.0.1:${this.#port}`;
  }

  async listen(): Promise<void> {
    const server = createServer((socket) => {
      this.visits += 1;
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
    });
    const { coils, discrete, input } = this;
    const modbus = new ModbusTCPServer(server, { coils, discrete, input, holding: undefined as unknown as Buffer });
    modbus.on('readHoldingRegisters', (request, answer) => {
      const bytes = this.#holdingAnswer(request);
      if (!this.mute) answer(bytes);
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Sets words from an address on. */
  hold(address: number, ...words: readonly number[]): void {
    for (const [index, word] of words.entries()) this.holding.set(address + index, word);
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** What no machine should send. */
  babble(bytes: Buffer): void {
    for (const socket of this.#sockets) socket.write(bytes);
  }

  async stop(): Promise<void> {
    if (!this.#server?.listening) return;
    this.#server.close();
    this.cut();
    await once(this.#server, 'close');
  }

  #holdingAnswer(request: ModbusAbstractRequest): Buffer {
    const { body } = request;
    if (!(request instanceof ModbusTCPRequest) || !requests.isReadHoldingRegistersRequestBody(body))
      throw new Error('This is no read of holding registers.');
    const { start, count } = body;
    this.reads.push([start, count]);
    const bytes = Buffer.alloc(count * 2);
    for (let index = 0; index < count; index += 1) {
      const word = this.holding.get(start + index);
      if (word === undefined)
        return ModbusTCPResponse.fromRequest(
          request,
          new responses.ExceptionResponseBody(3, illegalAddress),
        ).createPayload();
      bytes.writeUInt16BE(word, index * 2);
    }
    const answer = new responses.ReadHoldingRegistersResponseBody(bytes.length, bytes);
    return ModbusTCPResponse.fromRequest(request, answer).createPayload();
  }
}
