/** Apicurio Registry with Confluent's API, its schemas in an H2 file. */
import { join } from 'node:path';
import { type Component, portOf } from '../component.ts';
import { loopback } from '../ports.ts';
import { httpAnswers } from './http-probe.ts';
import { javaOptions } from './java-options.ts';

export const registry: Component = {
  name: 'registry',
  portNames: ['registry', 'registry-management'],

  async prepare({ folder, ports, tuning }, toolchain) {
    const java = await toolchain.java();
    const { registryFolder } = await toolchain.javaPrograms();
    const settings = {
      'quarkus.http.host': loopback,
      'quarkus.http.port': portOf(ports, 'registry'),
      // Its default is port 9000 on all interfaces.
      'quarkus.management.host': loopback,
      'quarkus.management.port': portOf(ports, 'registry-management'),
      'quarkus.http.access-log.enabled': false,
      'apicurio.datasource.url': `jdbc:h2:file:${join(folder, 'schemas')}`,
      'apicurio.datasource.jdbc.initial-size': 1,
      'apicurio.datasource.jdbc.min-size': 1,
      'apicurio.datasource.jdbc.max-size': 5,
    };
    const properties = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
    const options = javaOptions(256, await toolchain.classArchive('registry'), tuning);
    return {
      command: java.executable,
      parameters: [...options, ...properties, '-jar', join(registryFolder, 'quarkus-run.jar')],
    };
  },

  address: (ports) => `http://${loopback}:${portOf(ports, 'registry')}/apis/ccompat/v7`,
  isReady: (ports, signal) => httpAnswers(`${registry.address(ports)}/subjects`, signal),
};
