/** QuestDB, tuned for small steady batches: few spinning threads, small pages. Measured in `docs/performance.md`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Component, type Place, portOf } from '../component.ts';
import { loopback } from '../ports.ts';
import { httpAnswers } from './http-probe.ts';
import { javaOptions } from './java-options.ts';

export const questdb: Component = {
  name: 'questdb',
  portNames: ['questdb', 'questdb-postgres'],

  async prepare(place, toolchain) {
    const java = await toolchain.java();
    const { questdbJar } = await toolchain.javaPrograms();
    mkdirSync(join(place.folder, 'conf'), { recursive: true });
    writeFileSync(join(place.folder, 'conf', 'server.conf'), `${questdbSettings(place).join('\n')}\n`);
    const options = javaOptions(256, await toolchain.classArchive('questdb'), place.tuning);
    return {
      command: java.executable,
      parameters: [
        ...options,
        '--enable-native-access=ALL-UNNAMED',
        '-cp',
        questdbJar,
        'io.questdb.ServerMain',
        '-d',
        place.folder,
        '-n',
      ],
      environment: { QDB_LOG_W_STDOUT_LEVEL: 'ERROR' },
    };
  },

  address: (ports) => `http://${loopback}:${portOf(ports, 'questdb')}`,
  isReady: (ports, signal) => httpAnswers(`${questdb.address(ports)}/exec?query=select%201`, signal),
};

/** Lines of its `server.conf`. */
export function questdbSettings({ ports }: Pick<Place, 'ports'>): string[] {
  return [
    `http.net.bind.to=${loopback}:${portOf(ports, 'questdb')}`,
    `pg.net.bind.to=${loopback}:${portOf(ports, 'questdb-postgres')}`,
    'http.min.enabled=false',
    'line.tcp.enabled=false',
    'line.udp.enabled=false',
    'telemetry.enabled=false',
    'shared.worker.count=1',
    'http.worker.count=1',
    'pg.worker.count=1',
    'wal.apply.worker.count=1',
    // Tables are made by the historian with their deduplication keys, never by a row that names them.
    'line.auto.create.new.tables=false',
    'line.auto.create.new.columns=false',
    // Idle threads go to sleep early: 12.8 → 5.4 µs CPU per row at 50,000 rows/s in batches of 100 ms.
    ...['shared', 'http', 'wal.apply'].flatMap((pool) => [
      `${pool}.worker.yield.threshold=5`,
      `${pool}.worker.nap.threshold=10`,
      `${pool}.worker.sleep.threshold=30`,
    ]),
    // Late rows rewrite 2 MB instead of the day: write amplification 183 → 21.
    'cairo.o3.partition.split.min.size=2M',
    // Pages are allocated per column of each table: with the defaults 500 tables take 57 GB of disk, with these 1.3 GB.
    'cairo.writer.data.append.page.size=256K',
    'cairo.writer.data.index.value.append.page.size=256K',
    'cairo.writer.data.index.key.append.page.size=64K',
    'cairo.wal.writer.data.append.page.size=128K',
    'cairo.o3.column.memory.size=256K',
  ];
}
