/** The block that `up` ends with: where things are, how to get in, what to try first. */
import { loopback } from '../stack/ports.ts';
import { type StackState } from '../stack/state-file.ts';
import { type Terminal } from './terminal.ts';

export interface WelcomeInput {
  readonly state: StackState;
  /** `./millrace`, as the person would type it again for this data folder. */
  readonly command: (name: string) => string;
  /** A frame to send as one of the demo's devices; undefined when the demo has none that fits. */
  readonly example?: ExampleMessage | undefined;
  /** The same as lines of TCP. */
  readonly exampleLines?: ExampleLines | undefined;
  /** A value that is read from the demo's PLC. */
  readonly exampleRegister?: ExampleRegister | undefined;
}

export interface ExampleRegister {
  readonly apiKey: string;
  readonly uid: string;
  readonly signal: string;
}

export interface ExampleLines {
  /** Who sends. */
  readonly first: string;
  readonly message: string;
}

export interface ExampleMessage {
  readonly tenant: string;
  readonly uid: string;
  readonly password: string;
  readonly apiKey: string;
  /** Query parameters of the ingest address. */
  readonly query: string;
  /** As every `printf` writes bytes, in octal: `\\313\\366`. */
  readonly frame: string;
  /** The same in hex, for the form of the screen. */
  readonly hex: string;
  readonly signal: string;
  readonly table: string;
}

export function welcome(input: WelcomeInput, terminal: Terminal): string {
  const { state, command, example } = input;
  const addresses = addressLines(state);
  const width = Math.max(...addresses.map(([name]) => name.length));
  const title = (text: string): string => terminal.styled('bold', text);
  return [
    title(terminal.styled('green', 'Millrace is running.')),
    '',
    title('Addresses'),
    ...addresses.map(([name, address]) => `  ${name.padEnd(width)}  ${terminal.styled('cyan', address)}`),
    ...credentialLines(state, title, example),
    ...tryLines(input).flatMap(([what, line]) => ['', `  ${terminal.styled('dim', `# ${what}`)}`, `  ${line}`]),
    '',
    `Data and logs are in ${state.dataDir}. ${command('status')} shows the processes, ${command('down')} ends them.`,
  ].join('\n');
}

function addressLines(state: StackState): [string, string][] {
  const url = urlsOf(state);
  const api = url('api');
  const gateway = ingestOf(state);
  const tcp = tcpOf(state);
  const postgres = url('postgres');
  const lines: [string, string | null][] = [
    ['Screen', api && `${api}/`],
    ['Devices (HTTP)', gateway && `${gateway}/v1/messages`],
    ['Devices (TCP)', tcp && `tcp://${tcp.host}:${tcp.port}`],
    ['API', api && `${api}/docs`],
    ['Mails', url('mail')],
    ['QuestDB', url('questdb')],
    ['Kafka', url('kafka')],
    ['Schema registry', url('registry')],
    ['MQTT broker', url('mosquitto')],
    ['Redis', url('redis')],
    ['PostgreSQL', postgres && `${postgres} (password: ${state.dataDir}/postgres/password)`],
  ];
  return lines.filter((line): line is [string, string] => line[1] !== null);
}

function credentialLines(state: StackState, title: (text: string) => string, example?: ExampleMessage): string[] {
  const { demo } = state;
  const api = urlsOf(state)('api');
  if (demo.tenants.length === 0) return [];
  return [
    '',
    title('Credentials (all of them: state.json)'),
    ...demo.tenants.flatMap(({ id, apiKey, devices }) => [
      `  tenant ${id}`,
      ...(api ? [`    screen    ${screenLink(api, id, apiKey, example)}`] : []),
      `    key       ${apiKey}`,
      ...devices.slice(0, 1).map(({ uid, key }) => `    device    ${id}/${uid}:${key}`),
    ]),
    '',
    title('Try'),
  ];
}

function tryLines(input: WelcomeInput): [string, string][] {
  const { state, command } = input;
  return [
    ...sendLines(input),
    ['See points in the topic', command('consume telemetry.points.v1 --max 3')],
    ...subscriberLines(urlsOf(state)),
    ...askLines(input),
    ...operateLines(input),
  ];
}

function sendLines({ state, example, exampleLines }: WelcomeInput): [string, string][] {
  const gateway = ingestOf(state);
  const tcp = tcpOf(state);
  const lines: [string, string][] = [];
  if (gateway && example)
    lines.push([
      'Send a frame as a device',
      `printf '${example.frame}' | curl -u '${example.tenant}/${example.uid}:${example.password}' -H 'content-type: application/octet-stream' --data-binary @- '${gateway}/v1/messages${example.query}'`,
    ]);
  if (tcp && exampleLines)
    lines.push([
      'Send another one over TCP (it ends after two seconds)',
      `printf '%s\\n' '${exampleLines.first}' '${exampleLines.message}' | curl -s -m 2 telnet://${tcp.host}:${tcp.port}`,
    ]);
  return lines;
}

function askLines({ state, example, exampleRegister }: WelcomeInput): [string, string][] {
  const url = urlsOf(state);
  const latest = ({ apiKey, uid, signal }: ExampleRegister): string =>
    `curl -s -H 'authorization: Bearer ${apiKey}' '${url('api')}/v1/devices/${uid}/signals/${signal}/latest'`;
  const lines: [string, string][] = [];
  if (example) {
    const where = `tenant='${example.tenant}' AND device='${example.uid}'`;
    const query = `SELECT ts, signal, value FROM ${example.table} WHERE ${where} ORDER BY ts DESC LIMIT 5`;
    lines.push(['See rows in QuestDB', `curl -sG '${url('questdb')}/exec' --data-urlencode "query=${query}"`]);
  }
  if (url('api') && example) lines.push(['Ask for the latest value', latest(example)]);
  if (url('api') && exampleRegister) lines.push(['Ask for a value that is read from the PLC', latest(exampleRegister)]);
  lines.push(['Read the alarm mails (the first comes within two minutes)', `curl -s '${url('mail')}/messages'`]);
  return lines;
}

function operateLines({ state, command }: WelcomeInput): [string, string][] {
  const parser = state.processes.find(({ name }) => name === 'parser')?.pid;
  if (!parser) return [];
  return [
    ['Add a second parser while everything runs', command('scale parser=2')],
    ['Load it with k6, which says at the end what was lost or stored twice', command('load smoke --seconds 30')],
    ['Meanwhile, in another shell: kill a parser. The load must still end with nothing lost', `kill -9 ${parser}`],
  ];
}

function subscriberLines(url: (name: string) => string | null): [string, string][] {
  const what = `--brokers ${url('kafka')} --registry ${url('registry')} --topic telemetry.points.v1 --max 3`;
  const python = 'examples/subscribers/python';
  const bin = '.millrace/python/bin';
  const java = 'examples/subscribers/java';
  return [
    [
      'Subscribe from Python',
      `python3 -m venv .millrace/python && ${bin}/pip install -q -r ${python}/requirements.txt && ${bin}/python ${python}/subscribe.py ${what}`,
    ],
    ['Subscribe from Java', `mvn -q -f ${java}/pom.xml package && java -jar ${java}/target/subscribe.jar ${what}`],
  ];
}

/** What stands behind the # stays in the browser; the example waits in the form of its tenant. */
export function screenLink(api: string, tenant: string, apiKey: string, example?: ExampleMessage): string {
  const frame = example?.tenant === tenant ? example : undefined;
  const brought = new URLSearchParams({
    key: apiKey,
    ...(frame && { device: frame.uid, hex: frame.hex, attributes: frame.query.slice(1) }),
  });
  return `${api}/#${brought.toString()}`;
}

function urlsOf({ processes }: StackState): (name: string) => string | null {
  return (name) => processes.find((one) => one.name === name)?.url ?? null;
}

function ingestOf(state: StackState): string | null {
  const port = gatewayPort(state, 'ingest');
  return port === undefined ? null : `http://${loopback}:${port}`;
}

function tcpOf(state: StackState): { readonly host: string; readonly port: number } | null {
  const port = gatewayPort(state, 'tcp');
  return port === undefined ? null : { host: loopback, port };
}

function gatewayPort({ processes }: StackState, name: string): number | undefined {
  return processes.find((one) => one.name === 'gateway')?.ports[`gateway-1-${name}`];
}
