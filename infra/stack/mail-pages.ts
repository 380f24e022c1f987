/** What the mail catcher answers over HTTP: JSON for programs, one plain page for people. */
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Mail, type MailBox } from './mail-box.ts';

export function answerMailRequest(box: MailBox, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://mail');
  const id = /^\/messages\/([^/]+)$/.exec(url.pathname)?.[1];
  if (request.method === 'GET' && url.pathname === '/') sendPage(response, box.list());
  else if (request.method === 'GET' && url.pathname === '/messages')
    sendJson(response, 200, box.list(url.searchParams.get('to') ?? undefined).map(summaryOf));
  else if (request.method === 'GET' && id !== undefined) {
    const mail = box.find(id);
    if (mail) sendJson(response, 200, mail);
    else sendJson(response, 404, { detail: `There is no mail ${id}.` });
  } else if (request.method === 'DELETE' && url.pathname === '/messages') {
    box.clear();
    response.writeHead(204).end();
  } else sendJson(response, 404, { detail: 'There are /, /messages and /messages/:id.' });
}

function summaryOf({ text: _text, ...summary }: Mail): Omit<Mail, 'text'> {
  return summary;
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body, null, 2)}\n`);
}

function sendPage(response: ServerResponse, mails: readonly Mail[]): void {
  const articles = mails
    .toReversed()
    .map(
      ({ id, receivedAt, to, subject, text }) =>
        `<article><h2>${escaped(subject)}</h2><p>${escaped(to.join(', '))} · ${receivedAt} · <a href="/messages/${id}">JSON</a></p>` +
        `<pre>${escaped(text)}</pre></article>`,
    );
  const style = 'body{font-family:sans-serif;max-width:50rem;margin:2rem auto}article{border-top:1px solid #ccc}';
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "script-src 'none'",
  });
  response.end(
    `<!doctype html><title>Mails</title><style>${style}</style><h1>${mails.length} mails</h1>${articles.join('')}\n`,
  );
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? '');
}
