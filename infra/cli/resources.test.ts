import { expect, test } from 'vitest';
import { membersOf } from './resources.ts';

test('members are written as the columns of an import', () => {
  expect(membersOf(['productId=pump', 'name=a=b', 'attributes.place=', 'tags=a b', 'password=geheimnis'])).toEqual({
    productId: 'pump',
    name: 'a=b',
    attributes: { place: '' },
    tags: ['a', 'b'],
    passwords: ['geheimnis'],
  });
  for (const word of ['name', '=x']) expect(() => membersOf([word])).toThrow('Write member=value');
});
