import { MillraceError } from '@millrace/contracts';
import { ApiExcludeController, Public } from '@millrace/platform/rest';
import { Controller, Get, Headers, Param, Res } from '@nestjs/common';
import { readScreenFiles } from './screen-files.ts';

/** The part of a Fastify reply that is used here. */
interface Reply {
  status(code: number): Reply;
  headers(values: Readonly<Record<string, string>>): Reply;
  send(body?: Buffer): void;
}

/** The page runs its own scripts and talks to this api, and nothing else; names of devices can never become markup. */
const securityHeaders = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // Asked for each time, and answered with 304 while it is the same: a new version is there at the next load.
  'cache-control': 'no-cache',
};

/** The page. It holds no data and needs no key; what it asks for does. */
@Controller()
@Public('The files of the page, the same for everybody; what it shows is asked for with a key.')
@ApiExcludeController()
export class ScreenController {
  readonly #files = readScreenFiles();

  @Get()
  page(@Headers('if-none-match') known: string | undefined, @Res() reply: Reply): void {
    this.#send('index.html', known, reply);
  }

  @Get('screen/:file')
  file(@Param('file') file: string, @Headers('if-none-match') known: string | undefined, @Res() reply: Reply): void {
    this.#send(file, known, reply);
  }

  @Get('screen/:folder/:file')
  fileInFolder(
    @Param('folder') folder: string,
    @Param('file') file: string,
    @Headers('if-none-match') known: string | undefined,
    @Res() reply: Reply,
  ): void {
    this.#send(`${folder}/${file}`, known, reply);
  }

  #send(path: string, known: string | undefined, reply: Reply): void {
    const file = this.#files.get(path);
    if (!file) throw new MillraceError('not_found', 'The page has no such file.');
    const { contentType, etag, body } = file;
    reply.headers({ ...securityHeaders, etag });
    if (known === etag) reply.status(304).send();
    else reply.headers({ 'content-type': contentType }).send(body);
  }
}
