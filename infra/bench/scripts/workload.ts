/** What is decoded: frames of ten bytes, six values each, the same in every language; devices as in the standard load. */
import type { Script, Uplink } from '@millrace/sandbox';

export interface BenchLanguage {
  readonly name: string;
  readonly source: string;
  /** Messages of one call: an interpreter's collector has less to do with few. */
  readonly messagesPerCall: number;
  /** Messages per CPU second, parent and child together, that are promised and that are aimed at. */
  readonly floor: number;
  readonly aim: number;
}

export const benchLanguages: readonly BenchLanguage[] = [
  {
    name: 'javascript',
    messagesPerCall: 500,
    floor: 180_000,
    aim: 250_000,
    source: `function decodeUplink({ bytes }) {
  const i16 = (at) => (((bytes[at] << 8) | bytes[at + 1]) << 16) >> 16;
  return {
    data: {
      kind: bytes[0],
      battery: bytes[1] / 10,
      temperature: i16(2) / 100,
      humidity: i16(4) / 10,
      pressure: i16(6) / 10,
      door: bytes[8] > 127 ? 'open' : 'closed',
    },
  };
}
`,
  },
  {
    name: 'lua',
    messagesPerCall: 500,
    floor: 70_000,
    aim: 70_000,
    source: `local function i16(bytes, at)
  local value = bytes[at] << 8 | bytes[at + 1]
  return value > 32767 and value - 65536 or value
end
function decodeUplink(input)
  local bytes = input.bytes
  return {
    data = {
      kind = bytes[1],
      battery = bytes[2] / 10,
      temperature = i16(bytes, 3) / 100,
      humidity = i16(bytes, 5) / 10,
      pressure = i16(bytes, 7) / 10,
      door = bytes[9] > 127 and 'open' or 'closed',
    },
  }
end
`,
  },
  {
    name: 'python',
    messagesPerCall: 20,
    floor: 40_000,
    aim: 40_000,
    source: `import struct

def decodeUplink(input):
    kind, battery, temperature, humidity, pressure, door, _ = struct.unpack('>BBhhhBB', input['bytes'])
    return {
        'data': {
            'kind': kind,
            'battery': battery / 10,
            'temperature': temperature / 100,
            'humidity': humidity / 10,
            'pressure': pressure / 10,
            'door': 'open' if door > 127 else 'closed',
        }
    }
`,
  },
];

const devices = 100;
const frameBytes = 10;

export function scriptOf({ name: language, source }: BenchLanguage, tenant: string, scriptId = 'decode'): Script {
  return { name: `${tenant}/${scriptId}@1`, tenant, language, source };
}

const variables = Array.from({ length: devices }, (_, index) => ({
  line: `paper-${index}`,
  desired: {},
  reported: {},
}));
const noAttributes = {};

/** Made once and sent again and again: to make them is not what is measured. */
export function uplinksOf(count: number): readonly Uplink[] {
  return Array.from({ length: count }, (_, index) => ({
    payload: Uint8Array.from({ length: frameBytes }, (_byte, at) => (index * 7 + at * 31) % 256),
    fPort: undefined,
    receivedAtMs: 1_700_000_000_000 + index,
    variables: variables[index % devices]!,
    attributes: noAttributes,
  }));
}
