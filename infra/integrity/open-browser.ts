/** A real browser for tests of pages, with what the page complained about. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { Toolchain } from '../stack/toolchain/toolchain.ts';

export interface OpenPage {
  readonly page: Page;
  /** Errors of scripts and refusals by the content security policy, in sentences. */
  readonly complaints: readonly string[];
}

export class TestBrowser {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(): Promise<TestBrowser> {
    const executablePath = await new Toolchain().chromium();
    // Root may not use Chromium's sandbox; what is opened is our own page.
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    return new TestBrowser(await chromium.launch({ executablePath, args }));
  }

  /** A page that shares nothing with the others. */
  async open(address: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
    const page = await (await this.#browser.newContext(options)).newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // Chromium writes a line about every answer above 399, which is no defect of the page.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        complaints.push(message.text());
    });
    await page.goto(address);
    return { page, complaints };
  }

  close(): Promise<void> {
    return this.#browser.close();
  }
}
