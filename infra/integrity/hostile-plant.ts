/** A tenant whose scripts attack, in each language, whenever a message makes them: what they do may harm nobody else. */
import { keyIdOf } from '@millrace/auth';

export const hostileTenant = 'it_hostile';

const javascript = `const attacks = [
  () => { for (;;); },
  () => { const all = []; for (;;) all.push({ x: [1, 2, 3] }); },
  () => { let all = [1]; for (;;) all = all.concat(all); },
  () => 'x'.repeat(2 ** 29 - 24).split('').length,
  () => /^(a+)+$/.test('a'.repeat(40) + 'b'),
  () => (2n ** (2n ** 29n) * 3n ** (2n ** 25n)).toString().length,
  () => { JSON.stringify = JSON.parse = () => '[]'; Object.prototype.toJSON = () => undefined; for (;;); },
  () => ({ get data() { throw 1; } }),
];
function decodeUplink(input) {
  const payload = JSON.parse(String.fromCharCode.apply(null, input.bytes));
  if (payload.does === 'throw') return attacks[input.recvTime.getTime() % attacks.length]();
  return { data: payload };
}
`;

const lua = `local attacks = {
  function() while true do end end,
  function() while true do pcall(function() while true do end end) end end,
  function() local all = {} while true do all[#all + 1] = { 1, 2, 3 } end end,
  function() local s = 'xx' while true do s = s .. s end end,
  function() return string.find(string.rep('a', 20000), '.-.-.-.-b') end,
  function() local function again() return 1 + again() end return again() end,
}
function decodeUplink(input)
  local text = string.char(table.unpack(input.bytes))
  if text:find('throw', 1, true) then return attacks[math.floor(input.recvTime * 1000) % #attacks + 1]() end
  return { data = { value = tonumber(text:match('%d+')) } }
end
`;

const python = `import re
def hoard():
    all = [1]
    while True: all = all + all
def loop():
    while True:
        try:
            while True: pass
        except BaseException: pass
def again(): return again()
attacks = [hoard, loop, again, lambda: len(str(3 ** (10 ** int('7')))), lambda: 'x' * 10 ** 9, lambda: eval('(' * 100000),
    lambda: str(re.match('(a+)+$', 'a' * 40 + 'b'))]
def decodeUplink(input):
    text = bytes(input['bytes']).decode()
    if 'throw' in text: return attacks[int(input['recvTime'] * 1000) % len(attacks)]()
    return {'data': {'value': int(re.search('[0-9]+', text).group(0))}}
`;

const sources = { javascript, lua, python } as const;
const endings = { javascript: 'js', lua: 'lua', python: 'py' } as const;
const languages = ['javascript', 'lua', 'python'] as const;

/** One for each language. */
export const hostileDevices: readonly string[] = languages.map((language) => `attacker-${language}`);

/** Of the configuration folder, by file: what the tenant adds. Its rows have a table of their own. */
export function hostileEntries(apiKey: string): Readonly<Record<string, readonly object[]>> {
  const tenant = hostileTenant;
  return {
    'tenants.json': [{ tenant, name: tenant, retentionClass: '90d' }],
    'scripts.json': languages.map((language) => ({ tenant, scriptId: language, language, file: fileOf(language) })),
    'products.json': languages.map((language) => ({ tenant, productId: language, name: language, scriptId: language })),
    'devices.json': languages.map((language, index) => ({
      tenant,
      deviceUid: hostileDevices[index],
      productId: language,
    })),
    'api-keys.json': [{ tenant, keyId: keyIdOf(apiKey), key: apiKey, scopes: ['ingest'] }],
  };
}

export const hostileScripts: Readonly<Record<string, string>> = Object.fromEntries(
  languages.map((language) => [fileOf(language), sources[language]]),
);

function fileOf(language: (typeof languages)[number]): string {
  return `scripts/hostile.${endings[language]}`;
}
