/** Attacks in Python on what is read of a result or of an error, and on the surroundings in which it is read. */
import { attack, type Attack, refusedOrStopped, spoiling, stopped } from './attack.ts';
import { body, value } from './python-body.ts';

const results: readonly Attack[] = [
  attack('a list with a cycle', ['result', 'threw'], body('a = []', 'a.append(a)', 'return {"data": {"value": a}}')),
  attack(
    'a list nested 100,000 deep',
    ['result', ...refusedOrStopped],
    body('a = []', 'for i in range(10 ** 5): a = [a]', 'return {"data": {"value": a}}'),
  ),
  attack('a hundred thousand rows', ['result', ...refusedOrStopped], value('[1] * 10 ** 5')),
  attack('a text of 300 KB', ['result', ...stopped], value('"x" * 300000')),
  attack(
    'no number',
    ['returned', 'result'],
    body('return {"data": {"a": float("nan"), "b": float("inf"), "c": 2 ** 70}}'),
  ),
  attack('bytes as value', ['returned', 'result'], value('b"\\x01\\xff"')),
  attack('an object as value', ['returned', 'result'], value('object()')),
  attack(
    'an object that writes itself',
    ['returned', 'result', 'threw'],
    value('type("X", (), {"__repr__": lambda self: "1]\\n[2", "__str__": lambda self: "1]\\n[2"})()'),
  ),
  attack(
    'a dictionary that writes itself',
    ['returned', 'result', 'threw'],
    [
      'class D(dict):',
      '  def items(self): return iter(int, 1)',
      '  def __iter__(self): return iter(int, 1)',
      body('return D()'),
    ].join('\n'),
  ),
  attack(
    'keys that are no names',
    ['returned', 'result'],
    body('return {"data": {1: 1, None: 2, (1, 2): 3, b"b": 4}}'),
  ),
  attack('a quote in a text', 'returned', body('return {"data": {"\\"}],\\"x": "\\"]}\\\\"}}')),
  attack(
    'names of prototypes',
    'returned',
    body('return {"data": {"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}}'),
  ),
  attack('text that is no text', ['returned', 'result', 'threw'], value('"\\ud800"')),
  attack('a generator as result', ['result', 'threw'], body('yield {"data": {}}')),
  attack('no result', 'result', body('pass')),
  attack('an error of nothing', 'threw', body('raise Exception()')),
  attack('an error of 1 MB', refusedOrStopped, body('raise Exception("x" * 10 ** 6)')),
  attack(
    'a million lines of log',
    ['returned', ...refusedOrStopped],
    body('for i in range(10 ** 6): print("x" * 100)', 'return {"data": {}}'),
  ),
];

const surroundings: readonly Attack[] = [
  spoiling(
    'other functions of all',
    ['returned', 'threw', 'result', 'invalid'],
    `${body('return {"data": {}}')}\nimport builtins\nfor name in ("print", "len", "str", "isinstance", "repr", "dict", "list", "Exception", "bytes", "type"):\n  setattr(builtins, name, None)`,
  ),
  spoiling(
    'other modules of all',
    ['returned', 'threw', 'result', 'invalid'],
    `${body('return {"data": {"value": 1.5}}')}\nimport sys, json\nfor name in ("json", "struct", "sys", "datetime"):\n  sys.modules[name] = None\ntry:\n  json.dumps = None\nexcept AttributeError: pass`,
  ),
  spoiling(
    'a locked heap',
    ['returned', 'threw', 'result', 'invalid', ...stopped],
    body('import micropython', 'micropython.heap_lock()', 'return {"data": {}}'),
  ),
  spoiling(
    'a scheduled call',
    ['returned', 'threw', 'result'],
    body('import micropython', 'micropython.schedule(lambda x: 1 / 0, 0)', 'return {"data": {}}'),
  ),
  spoiling(
    'emptied globals',
    ['returned', 'threw', 'result', 'invalid'],
    `${body('return {"data": {}}')}\nfor name in list(globals()):\n  if name != "attack" and name != "name": del globals()[name]`,
  ),
  spoiling('globals of all scripts', 'returned', `canary = "taken"\n${body('return {"data": {}}')}`),
];

export const pythonResults: readonly Attack[] = [...results, ...surroundings];
