import { expect, test } from 'vitest';
import { signedUrl } from './signature.ts';

test("the signature is that of the vendor's sample for Python, and its base64 survives the URL", () => {
  const url = signedUrl(new URL('https://oapi.dingtalk.com/robot/send'), 't0ken', 'this is secret', 1_577_262_236_757);
  expect(url.href).toBe(
    'https://oapi.dingtalk.com/robot/send?access_token=t0ken&timestamp=1577262236757&sign=hmPWwU%2B7lVdm3ZZz0r9tSfx0L4Q26jWOZr9%2BGs6EZQM%3D',
  );
});
