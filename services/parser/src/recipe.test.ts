import { Configuration } from '@millrace/config';
import { anyDevice } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { type Recipe, RecipeBook } from './recipe.ts';

const device = anyDevice('acme', 'd1', {
  productId: 'sensor',
  attributes: { line: '1' },
  desired: { interval: '60' },
  reported: { firmware: '1.2' },
});
const variables = { line: '1', desired: { interval: '60' }, reported: { firmware: '1.2' } };
const product = {
  tenant: 'acme',
  productId: 'sensor',
  name: '',
  scriptId: 'decode',
  keepRawPayload: false,
  signals: [],
};
const script = { tenant: 'acme', scriptId: 'decode', version: 3, language: 'javascript', source: 'a' };

function configured(): Configuration {
  const configuration = new Configuration();
  configuration.apply('devices', 'acme/d1', device);
  configuration.apply('products', 'acme/sensor', product);
  configuration.apply('scripts', 'acme/decode', script);
  return configuration;
}

test('a recipe has the script of the product and the variables of the device', () => {
  expect(new RecipeBook(configured()).recipeOf('acme', 'd1')).toEqual({
    script: { name: 'acme/decode@3', tenant: 'acme', language: 'javascript', source: 'a' },
    scriptVersion: 'decode@3',
    variables,
    keepRawPayload: false,
  });
});

test('a product without a script has the payload codec alone', () => {
  const configuration = configured();
  configuration.apply('products', 'acme/sensor', { ...product, scriptId: null, keepRawPayload: true });
  const recipe = new RecipeBook(configuration).recipeOf('acme', 'd1');
  expect(recipe).toEqual({ script: undefined, scriptVersion: '', variables, keepRawPayload: true });
});

test('a disabled device is parsed: its message was accepted', () => {
  const configuration = configured();
  configuration.apply('devices', 'acme/d1', { ...device, state: 'disabled' });
  expect(new RecipeBook(configuration).recipeOf('acme', 'd1')).toHaveProperty('variables');
});

test.each([
  ['devices', 'acme/d1', 'unknown_device'],
  ['products', 'acme/sensor', 'unknown_product'],
  ['scripts', 'acme/decode', 'unknown_script'],
] as const)('without its record in %s a message has no recipe', (entity, key, code) => {
  const configuration = configured();
  configuration.apply(entity, key, null);
  expect(new RecipeBook(configuration).recipeOf('acme', 'd1')).toMatchObject({ code });
});

test('a deleted tenant has no recipes, and that is told apart from what is missing', () => {
  const configuration = configured();
  const tenant = { tenant: 'acme', name: '', retentionClass: '90d', ownTable: false, quotas: null };
  configuration.apply('tenants', 'acme', { ...tenant, state: 'suspended' });
  const book = new RecipeBook(configuration);
  expect(book.recipeOf('acme', 'd1')).toHaveProperty('variables');
  configuration.apply('tenants', 'acme', { ...tenant, state: 'deleted' });
  expect(book.recipeOf('acme', 'd1')).toMatchObject({ code: 'tenant_deleted' });
});

test('a tenant does not see the devices of another', () => {
  expect(new RecipeBook(configured()).recipeOf('other', 'd1')).toMatchObject({ code: 'unknown_device' });
});

test('a new version of the script is used from then on; recipes given out before keep theirs', () => {
  const configuration = configured();
  const book = new RecipeBook(configuration);
  const before = book.recipeOf('acme', 'd1') as Recipe;
  configuration.apply('scripts', 'acme/decode', { ...script, version: 4, source: 'b' });
  expect(book.recipeOf('acme', 'd1')).toMatchObject({ scriptVersion: 'decode@4', script: { source: 'b' } });
  expect(before.script?.source).toBe('a');
});

test('a script that is published again unchanged keeps its isolate', () => {
  const configuration = configured();
  const book = new RecipeBook(configuration);
  const before = book.recipeOf('acme', 'd1') as Recipe;
  configuration.apply('scripts', 'acme/decode', { ...script });
  expect((book.recipeOf('acme', 'd1') as Recipe).script).toBe(before.script);
});
