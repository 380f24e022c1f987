import { ApiClient, Refused } from '../api-client.ts';
import { byId, setText } from './element.ts';
import { Screen } from './screen.ts';
import { arrive, forget, keep } from './session.ts';

const login = byId<HTMLFormElement>('login');
const keyField = byId<HTMLInputElement>('key');
const loginError = byId('login-error');
const { key: knownKey, example } = arrive();
const retryMs = 3_000;
let screen: Screen | undefined;
let retry: number | undefined;

login.addEventListener('submit', (event) => {
  event.preventDefault();
  void enter(keyField.value.trim());
});
byId('leave').addEventListener('click', () => leave(''));

if (knownKey === null) leave('');
else void enter(knownKey);

async function enter(key: string): Promise<void> {
  clearTimeout(retry);
  const api = new ApiClient(key);
  try {
    const access = await api.access();
    keep(key);
    keyField.value = '';
    document.body.className = 'inside';
    screen = new Screen(api, access, example, (error) => leave(reasonOf(error)));
  } catch (error) {
    leave(reasonOf(error as Error));
    if (!(error instanceof Refused)) comeBack(key);
  }
}

/** Nothing is wrong with the key: the screen opens when the api is there again. */
function comeBack(key: string): void {
  keep(key);
  retry = window.setTimeout(() => void enter(key), retryMs);
}

function leave(reason: string): void {
  clearTimeout(retry);
  screen?.stop();
  screen = undefined;
  forget();
  document.body.className = 'outside';
  document.title = 'Millrace';
  setText(loginError, reason);
  keyField.focus();
}

function reasonOf(error: Error): string {
  if (!(error instanceof Refused)) return `${error.message} It is asked again every ${retryMs / 1_000} s.`;
  if (error.status === 401)
    return 'This key is not known here. It looks like name.secret; ./millrace up prints one, else ask who runs this installation.';
  if (error.status === 403) return 'This key may send but not read. Ask for one with the scope read.';
  return error.message;
}
