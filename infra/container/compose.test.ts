/** Promises of infra/compose.yaml that can be kept without an engine: it fits the schema, the services, the stack and itself. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnvironment } from '@millrace/kernel';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type * as z from 'zod';
import { commonVariables } from '../../libs/platform/src/environment.ts';
import { completedEnvironment } from '../cli/compose-environment.ts';
import { kafkaSettings } from '../stack/components/kafka.ts';
import { mosquittoSettings } from '../stack/components/mosquitto.ts';
import { firstStatements, initdbParameters, postgresSettings } from '../stack/components/postgres.ts';
import { questdbSettings } from '../stack/components/questdb.ts';
import { root } from '../stack/service-launch.ts';
import { postgresVersion } from '../stack/toolchain/postgres.ts';
import { projects } from '../tidy/sources.ts';
import {
  composeFile,
  composeFolder,
  type ComposeService,
  composeText,
  interpolated,
  variablesIn,
} from './compose-file.ts';
import { imageVariables } from './dockerfile.ts';

const { services, volumes, configs } = composeFile;
const ours = Object.entries(services).filter(([, { build }]) => build !== undefined);
const values = completedEnvironment({}, { user: 1000, configFolder: '/config' });

test('it fits the schema of the Compose Specification', () => {
  const schema = JSON.parse(
    readFileSync(join(import.meta.dirname, 'compose-spec', 'compose-spec.json'), 'utf8'),
  ) as object;
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.validate(schema, composeFile);
  expect(ajv.errors).toBeNull();
});

test('it has every service, each under its own name and as its own command', () => {
  const names = projects.filter(({ folder }) => folder.startsWith('services/')).map(({ folder }) => folder.slice(9));
  expect(ours.map(([name]) => name).toSorted()).toEqual(names.toSorted());
  for (const [name, { command }] of ours) expect(command).toEqual([name]);
});

test.each(ours)(
  '%s gets variables that it knows, all that it needs, with values that it takes',
  async (name, service) => {
    const shape = { ...commonVariables, ...(await variablesOf(name)) };
    const given = Object.entries({ ...imageVariables(), ...service.environment }).map(([variable, value]) => [
      variable,
      interpolated(String(value), values),
    ]);
    expect(() => parseEnvironment(shape, Object.fromEntries(given) as NodeJS.ProcessEnv)).not.toThrow();
  },
);

test('every variable is made by ./millrace env or has a default, and nothing that is made is unused', () => {
  expect(() => interpolated(composeText, values)).not.toThrow();
  expect(Object.keys(values).filter((name) => !variablesIn(composeText).includes(name))).toEqual([]);
});

test('no password is written down', () => {
  for (const [name, { environment = {} }] of Object.entries(services))
    for (const [variable, value] of Object.entries(environment))
      if (/PASSWORD|SECRET|AUTH|_KEY$/.test(variable)) expect(value, `${name} ${variable}`).toMatch(/^\$\{\w+:\?/);
});

test('everything has a health check, and waits for the health of what it needs', () => {
  for (const [name, { healthcheck, build, depends_on: needs = {} }] of Object.entries(services)) {
    expect(healthcheck !== undefined || build !== undefined, name).toBe(true);
    for (const [other, { condition }] of Object.entries(needs))
      expect([other in services, condition]).toEqual([true, 'service_healthy']);
  }
});

test('what a service calls by name is there, and is waited for where it is no service of ours', () => {
  for (const [name, service] of Object.entries(services))
    for (const host of hostsIn(service)) {
      expect(Object.keys(services), `${name} calls ${host}`).toContain(host);
      if (services[host]?.build === undefined && host !== name)
        expect(Object.keys(service.depends_on ?? {}), `${name} calls ${host}`).toContain(host);
    }
});

test('ports are open to this machine only, and none is taken twice', () => {
  const ports = Object.values(services).flatMap((one) => one.ports ?? []);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  const outer = ports.map((port) => port.split(':')[1]);
  expect(new Set(outer).size).toBe(outer.length);
});

test('volumes are declared and used, and what is mounted from here exists', () => {
  const sources = Object.values(services).flatMap((one) =>
    (one.volumes ?? []).map((volume) => volume.split(':')[0] ?? ''),
  );
  const named = sources.filter((source) => /^\w/.test(source));
  expect([...new Set(named)].toSorted()).toEqual(Object.keys(volumes).toSorted());
  for (const source of sources.filter((one) => one.startsWith('./')))
    expect(existsSync(join(composeFolder, source))).toBe(true);
});

test('images are pinned to versions, those of the local stack to its versions', () => {
  for (const { image } of Object.values(services)) expect(image).toMatch(/:v?\d+(\.\d+){1,2}$/);
  const pom = readFileSync(join(root, 'infra', 'stack', 'pom.xml'), 'utf8');
  for (const name of ['kafka', 'questdb', 'registry'])
    expect(pom).toContain(`<version>${services[name]?.image.split(':')[1]}</version>`);
  expect(services['postgres']?.image).toBe(`postgres:${postgresVersion}`);
});

test('Kafka is set as in the local stack, apart from where it listens and stores', () => {
  const local = kafkaSettings({ folder: '/', ports: { kafka: 1, 'kafka-controller': 2 } });
  const place = /^(listeners|advertised\.listeners|controller\.quorum|listener\.security|log\.dirs)/;
  expect(services['kafka']?.environment).toMatchObject(
    asVariables(
      'KAFKA',
      local.filter((line) => !place.test(line)),
    ),
  );
});

test('QuestDB is set as in the local stack, apart from where it listens, and without its PostgreSQL port', () => {
  const local = questdbSettings({ ports: { questdb: 1, 'questdb-postgres': 2 } });
  const place = /^(http\.net|pg\.)/;
  expect(services['questdb']?.environment).toMatchObject(
    asVariables(
      'QDB',
      local.filter((line) => !place.test(line)),
    ),
  );
  expect(services['questdb']?.environment).toMatchObject({ QDB_PG_ENABLED: 'false' });
});

test('PostgreSQL is made and set as in the local stack, and lets nobody in as superuser', () => {
  const { command, environment } = services['postgres']!;
  expect(command).toEqual([
    'postgres',
    ...Object.entries(postgresSettings).map(([name, value]) => `-c${name}=${value}`),
  ]);
  expect(environment?.['POSTGRES_INITDB_ARGS']).toBe(initdbParameters.join(' '));
  const statements = interpolated(configs['postgres']?.content ?? '', values)
    .trim()
    .split('\n');
  expect(statements).toEqual([...firstStatements(values['POSTGRES_PASSWORD']!), 'ALTER ROLE postgres PASSWORD NULL;']);
});

test('Mosquitto is set as in the local stack, and lets nobody in without a password', () => {
  const lines = configs['mosquitto']?.content.split('\n');
  expect(lines).toEqual(expect.arrayContaining([...mosquittoSettings, 'allow_anonymous false']));
});

test('Prometheus scrapes every service where it answers operators', () => {
  const { scrape_configs: jobs } = parse(
    readFileSync(join(composeFolder, 'prometheus', 'prometheus.yml'), 'utf8'),
  ) as ScrapeFile;
  const [lookup] = jobs.find((job) => job.job_name === 'millrace')?.dns_sd_configs ?? [];
  expect(lookup?.names.toSorted()).toEqual(ours.map(([name]) => name).toSorted());
  expect(String(lookup?.port)).toBe(imageVariables()['MILLRACE_HTTP_PORT']);
  const fixed = jobs.flatMap((job) => job.static_configs ?? []).flatMap(({ targets }) => targets);
  for (const host of fixed.map((target) => target.split(':')[0]))
    expect(['localhost', ...Object.keys(services)]).toContain(host);
});

interface ScrapeFile {
  readonly scrape_configs: readonly {
    readonly job_name: string;
    readonly dns_sd_configs?: readonly { readonly names: readonly string[]; readonly port: number }[];
    readonly static_configs?: readonly { readonly targets: readonly string[] }[];
  }[];
}

/** The variables of a service, as its `environment.ts` exports them. */
async function variablesOf(name: string): Promise<z.ZodRawShape> {
  const file = join(root, 'services', name, 'src', 'environment.ts');
  if (!existsSync(file)) return {};
  const exported = Object.values((await import(file)) as Readonly<Record<string, unknown>>);
  return Object.assign({}, ...exported.filter((one) => typeof one === 'object')) as z.ZodRawShape;
}

/** `a.b=c` as `PREFIX_A_B: c`, the way both images read their environment. */
function asVariables(prefix: string, lines: readonly string[]): Record<string, unknown> {
  const entries = lines.map((line) => line.split('=') as [string, string]);
  return Object.fromEntries(
    entries.map(([name, value]) => [
      `${prefix}_${name.replaceAll('.', '_').toUpperCase()}`,
      /^\d+$/.test(value) ? Number(value) : value,
    ]),
  );
}

/** Hosts of URLs and of `host:port` in its variables; `@` is in addresses of mail as well. */
function hostsIn({ environment = {} }: ComposeService): readonly string[] {
  const filled = Object.entries(environment)
    .filter(([name]) => /^MILLRACE_|BOOTSTRAP/.test(name))
    .flatMap(([, value]) => interpolated(String(value), values).split(','));
  return [...new Set(filled.flatMap((one) => /^(?:\w+:\/\/(?:[^@]*@)?)?([a-z][\w-]*):\d+/.exec(one)?.[1] ?? []))];
}
