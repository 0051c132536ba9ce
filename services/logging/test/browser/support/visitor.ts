/** Somebody who has the page open, and everything that would be wrong with it whatever a test is about. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { TOKEN } from '../../support/environment.ts';

const VIOLATION = 'violation of the policy:';

export interface VisitOptions extends BrowserContextOptions {
  /** False for somebody who has yet to log in. */
  readonly isLoggedIn?: boolean;
}

export class Visitor {
  readonly page: Page;
  readonly #admin: string;
  readonly #faults: string[] = [];
  readonly #forgiven: RegExp[] = [];

  private constructor(page: Page, admin: string) {
    this.page = page;
    this.#admin = admin;
  }

  static async of(browser: Browser, admin: string, options: VisitOptions = {}): Promise<Visitor> {
    const { isLoggedIn = true, ...more } = options;
    const context = await browser.newContext({
      baseURL: admin,
      viewport: { width: 1280, height: 800 },
      reducedMotion: 'reduce',
      ...more,
    });
    context.setDefaultTimeout(15_000);
    const visitor = new Visitor(await context.newPage(), admin);
    if (isLoggedIn) await visitor.logIn();
    await visitor.#watch();
    return visitor;
  }

  /** As another tab would: the page itself is not told. */
  async logIn(): Promise<void> {
    await this.page.context().request.post('/api/v1/session', { data: { token: TOKEN } });
  }

  /** Opens a view and waits until it has got its answers. */
  async open(address: string): Promise<void> {
    await this.page.goto(address);
    await this.settled();
  }

  async settled(): Promise<void> {
    await this.page.locator('main').waitFor();
    await this.page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
  }

  /** What a test has provoked on purpose is no fault of the page. */
  forgive(fault: RegExp): void {
    this.#forgiven.push(fault);
  }

  /** Ends the visit. @throws where the page asked elsewhere, broke its policy or failed */
  async leave(): Promise<void> {
    await this.page.context().close();
    const isForgiven = (fault: string): boolean => this.#forgiven.some((pattern) => pattern.test(fault));
    expect(this.#faults.filter((fault) => !isForgiven(fault))).toEqual([]);
  }

  async #watch(): Promise<void> {
    const { page } = this;
    const faults = this.#faults;
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${this.#admin}/`) && !/^(data|blob|about):/.test(url)) faults.push(`asked ${url}`);
    });
    page.on('websocket', (socket) => faults.push(`opened ${socket.url()}`));
    page.on('dialog', (dialog) => {
      faults.push(`a script of a log line said ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => {
      // A refused request is the browser's to note; what follows from it is the test's.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
        faults.push(message.text());
      }
    });
    await page.addInitScript((word) => {
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
        // biome-ignore lint/suspicious/noConsole: this is how the page tells the test
        console.error(word, violatedDirective, blockedURI, sample);
      });
    }, VIOLATION);
  }
}
