/** Apache Kafka as one KRaft node. */
import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Component, type Place, portOf } from '../component.ts';
import { loopback } from '../ports.ts';
import { runCommand } from '../run-command.ts';
import { javaOptions } from './java-options.ts';
import { kafkaServesGroups } from './kafka-probe.ts';

export const kafka: Component = {
  name: 'kafka',
  portNames: ['kafka', 'kafka-controller'],

  async prepare(place, toolchain, signal) {
    const java = await toolchain.java();
    const { kafkaClassPath } = await toolchain.javaPrograms();
    const properties = join(place.folder, 'server.properties');
    writeFileSync(properties, `${kafkaSettings(place).join('\n')}\n`);
    if (!existsSync(join(place.folder, 'log', 'meta.properties'))) {
      const format = [
        '-Xmx128m',
        '-XX:TieredStopAtLevel=1',
        '-cp',
        kafkaClassPath,
        'kafka.tools.StorageTool',
        'format',
      ];
      await runCommand(java.executable, [...format, '-t', newClusterId(), '-c', properties, '--ignore-formatted'], {
        signal,
      });
    }
    // One compiler whatever the tuning: in the first minutes of the standard load the second one takes a third of
    // Kafka's CPU (5.5 µs per point with it, 5.1 without).
    const options = javaOptions(256, await toolchain.classArchive('kafka'), 'quick start');
    return { command: java.executable, parameters: [...options, '-cp', kafkaClassPath, 'kafka.Kafka', properties] };
  },

  address: (ports) => `${loopback}:${portOf(ports, 'kafka')}`,
  isReady: (ports, signal) => kafkaServesGroups(portOf(ports, 'kafka'), signal),
};

/** 16 random bytes as 22 characters of base64url; Kafka refuses one that begins with a dash. */
export function newClusterId(): string {
  for (;;) {
    const id = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}

/** Lines of its `server.properties`. */
export function kafkaSettings({ folder, ports }: Pick<Place, 'folder' | 'ports'>): string[] {
  const client = `${loopback}:${portOf(ports, 'kafka')}`;
  const controller = `${loopback}:${portOf(ports, 'kafka-controller')}`;
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@${controller}`,
    `listeners=PLAINTEXT://${client},CONTROLLER://${controller}`,
    `advertised.listeners=PLAINTEXT://${client}`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    `log.dirs=${join(folder, 'log')}`,
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'transaction.state.log.num.partitions=4',
    'share.coordinator.state.topic.replication.factor=1',
    'share.coordinator.state.topic.min.isr=1',
    // What a dead writer left open holds readers of committed records up: not for 10 s longer than the writer's time-out.
    'transaction.abort.timed.out.transaction.cleanup.interval.ms=1000',
    'group.initial.rebalance.delay.ms=0',
    'auto.create.topics.enable=false',
    // The default asks for 128 MiB at once; compaction fails silently where the heap is smaller.
    'log.cleaner.dedupe.buffer.size=4194304',
    'log.cleaner.backoff.ms=1000',
    'num.network.threads=2',
    'num.io.threads=2',
    // A broker that was killed is let in again after its old session ended: 4 s instead of 11 s.
    'broker.session.timeout.ms=2000',
    'broker.heartbeat.interval.ms=500',
  ];
}
