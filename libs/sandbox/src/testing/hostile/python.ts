/** Attacks in Python (MicroPython): on time and memory of its interpreter, and on its walls. */
import { attack, attackByte, type Attack, type Corpus, refusedOrStopped, spoiling, stopped } from './attack.ts';
import { body, value } from './python-body.ts';
import { pythonResults } from './python-results.ts';

const endless = ['def ones():', '  while True: yield 1'].join('\n');

const time: readonly Attack[] = [
  attack('an endless loop', 'timeout', body('while True: pass')),
  attack(
    'a loop that catches its end',
    'timeout',
    body('while True:', '  try:', '    while True: pass', '  except BaseException: pass'),
  ),
  attack(
    'a loop that goes on in finally',
    'timeout',
    body('try: raise ValueError()', 'finally:', '  while True: pass'),
  ),
  attack('a sum of a thousand million', 'timeout', value('sum(range(10 ** 9))')),
  attack('an iterator without end', stopped, `${endless}\n${value('max(ones())')}`),
  attack('a giant power', refusedOrStopped, body('n = 10 ** 7', 'return {"data": {"value": len(str(3 ** n))}}')),
  spoiling('a giant power while it is compiled', stopped, value('len(str(3 ** (10 ** 7)))')),
  spoiling('a tower of powers while it is compiled', stopped, value('10 ** 10 ** 8')),
  attack('a giant number from text', refusedOrStopped, value('int("9" * 10 ** 6)')),
  attack(
    'a regular expression that backtracks',
    [...refusedOrStopped, 'result'],
    `import re\n${value('str(re.match("(a+)+$", "a" * 40 + "b"))')}`,
  ),
  attack(
    'a regular expression that descends',
    [...refusedOrStopped, 'returned'],
    `import re\n${value('str(re.match("(a|b)*$", "ab" * 100000))')}`,
  ),
  attack('a sleep of an hour', refusedOrStopped, `import time\n${body('time.sleep(3600)', 'return {"data": {}}')}`),
  attack('a question to nobody', ['returned', ...refusedOrStopped], value('input("x")')),
  attack(
    'a loop in the text of an error',
    refusedOrStopped,
    [
      'class E(Exception):',
      '  def __str__(self):',
      '    while True: pass',
      '  __repr__ = __str__',
      body('raise E()'),
    ].join('\n'),
  ),
  attack(
    'a loop in a comparator',
    'timeout',
    ['def slow(x):', '  while True: pass', value('sorted([3, 2, 1], key=slow)')].join('\n'),
  ),
  attack(
    'a task that never ends',
    [...refusedOrStopped, 'returned'],
    ['async def run():', '  while True: pass', 'def attack(input):', '  import asyncio', '  asyncio.run(run())'].join(
      '\n',
    ),
  ),
  attack('deep recursion', 'threw', body('return attack(input)')),
  attack(
    'recursion without a limit',
    'threw',
    body('import sys', 'sys.setrecursionlimit(10 ** 9)', 'return attack(input)'),
  ),
  attack(
    'recursion of generators',
    refusedOrStopped,
    ['def down():', '  yield from down()', value('list(down())')].join('\n'),
  ),
  attack('parentheses without end', refusedOrStopped, value('eval("(" * 100000 + ")" * 100000)')),
  attack('brackets without end', refusedOrStopped, `import json\n${value('json.loads("[" * 100000)')}`),
  spoiling('a loop while it loads', 'timeout', 'while True: pass'),
  spoiling(
    'an indentation without end',
    ['invalid', ...stopped],
    Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}if 1:`).join('\n'),
  ),
];

const memory: readonly Attack[] = [
  attack('a list that doubles', refusedOrStopped, body('a = [1]', 'while True: a = a + a')),
  attack(
    'a dictionary that grows',
    refusedOrStopped,
    body('d = {}', 'n = 0', 'while True:', '  d[n] = bytes(100)', '  n += 1'),
  ),
  attack('a text of a thousand million', refusedOrStopped, value('len("x" * 10 ** 9)')),
  attack('a list of a thousand million', refusedOrStopped, value('len([0] * 10 ** 9)')),
  attack('bytes of 2 GiB', refusedOrStopped, value('len(bytearray(2 ** 31))')),
  attack('a number of 10 MB', ['result', ...refusedOrStopped], value('1 << (8 * 10 ** 7)')),
  attack('a width of a format', refusedOrStopped, value('len("%1000000000d" % 1)')),
  attack('a width of a format text', refusedOrStopped, value('len("{:1000000000}".format(1))')),
  attack('a replacement that multiplies', refusedOrStopped, value('len(("a" * 10 ** 5).replace("a", "b" * 10 ** 5))')),
  attack('a generator without end in a list', refusedOrStopped, `${endless}\n${value('list(ones())')}`),
  attack(
    'memory that is caught',
    refusedOrStopped,
    body(
      'all = []',
      'while True:',
      '  try:',
      '    while True: all.append(bytes(1000000))',
      '  except MemoryError: pass',
    ),
  ),
  attack(
    'no collection of garbage',
    ['returned', ...refusedOrStopped],
    `import gc\n${body('gc.disable()', 'for i in range(10 ** 5): bytes(1000)', 'return {"data": {}}')}`,
  ),
];

const walls: readonly Attack[] = [
  attack('a file', 'threw', body('open(input["variables"]["file"], "w").write("taken")', 'return {"data": {}}')),
  attack('a file that is read', 'threw', value('open("/etc/passwd").read()')),
  attack('the folders', 'threw', body('import os', 'return {"data": {"value": str(os.listdir("/"))}}')),
  attack('a command', 'threw', body('import os', 'os.system("id")', 'return {"data": {}}')),
  attack(
    'the environment',
    'threw',
    body('import os', 'return {"data": {"secret": os.getenv("MILLRACE_CANARY") + ""}}'),
  ),
  attack(
    'a window to JavaScript',
    'threw',
    body('import js', 'return {"data": {"secret": js.process.env.MILLRACE_CANARY}}'),
  ),
  attack(
    'the other window to JavaScript',
    ['threw', ...stopped],
    body(
      'import jsffi',
      'jsffi.create_proxy(attack)',
      'window = jsffi.to_js({})',
      'return {"data": {"secret": window.constructor("return process.env.MILLRACE_CANARY")()}}',
    ),
  ),
  attack(
    'a proxy of JavaScript made by hand',
    ['threw', ...stopped],
    body('import jsffi', 'return {"data": {"secret": str(jsffi.JsProxy(0).process)}}'),
  ),
  attack(
    'a socket',
    'threw',
    body('import socket', 's = socket.socket()', 's.connect(("127.0.0.1", int(input["variables"]["port"])))'),
  ),
  attack('a process', 'threw', body('import subprocess', 'subprocess.run(["id"])')),
  attack('a thread', 'threw', body('import _thread', '_thread.start_new_thread(attack, (input,))')),
  attack(
    'memory by its address',
    ['threw', 'result', ...stopped],
    body('import uctypes', 'return {"data": {"value": str(uctypes.bytes_at(0, 1000000))}}'),
  ),
  attack(
    'memory beyond all addresses',
    ['threw', 'returned', ...stopped],
    body('import uctypes', 'return {"data": {"value": uctypes.bytes_at(0x7fffff00, 16)[0]}}'),
  ),
  spoiling(
    'memory overwritten',
    ['threw', 'returned', 'invalid', 'result', ...stopped],
    body(
      'import uctypes',
      'for at in range(0, 1 << 20, 4096): uctypes.bytearray_at(at, 4096)[:] = b"\\xff" * 4096',
      'return {"data": {}}',
    ),
  ),
  attack('memory of a machine', 'threw', body('import machine', 'return {"data": {"value": machine.mem32[0]}}')),
  attack('foreign functions', 'threw', body('import ffi', 'ffi.open("libc.so.6").func("i", "system", "s")("id")')),
  attack(
    'another file system',
    'threw',
    body(
      'import vfs',
      'vfs.mount(vfs.VfsPosix("/"), "/host")',
      'return {"data": {"secret": open("/host" + input["variables"]["file"]).read()}}',
    ),
  ),
  spoiling(
    'native code',
    ['invalid', 'threw', 'returned'],
    ['import micropython', '@micropython.viper', 'def attack(input) -> int:', '  return ptr32(0)[0]'].join('\n'),
  ),
  attack('all classes', ['threw', 'returned'], value('len(().__class__.__base__.__subclasses__())')),
  attack(
    'frames of an error',
    ['threw', 'returned', 'result'],
    body(
      'try: 1 / 0',
      'except Exception as e:',
      '  return {"data": {"value": "{0.__traceback__.tb_frame.f_globals}".format(e)}}',
    ),
  ),
  attack('the secret of its neighbour', 'threw', value('canary')),
  attack('an exit', ['threw'], body('import sys', 'sys.exit()')),
  attack('an exit by error', ['threw'], body('raise SystemExit()')),
  attack('an interruption by keyboard', ['threw'], body('raise KeyboardInterrupt()')),
];

export const python: Corpus = {
  language: 'python',
  attacks: [...time, ...memory, ...walls, ...pythonResults],
  scriptOf: (source) => `${source}
def decodeUplink(input):
  if input["bytes"][0] == ${attackByte}: return attack(input)
  return {"data": {"value": input["bytes"][0]}}
`,
  neighbour: `canary = "a secret of the neighbour"
def decodeUplink(input):
  import json
  intact = canary == "a secret of the neighbour" and len("xxx") == 3 and json.dumps({}) == "{}"
  return {"data": {"value": input["bytes"][0], "intact": intact}}
`,
};
