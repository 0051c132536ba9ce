/** The logging service's page in Chromium, as somebody has it open who watches what comes. */
import { launchChromium } from '../../../services/logging/test/browser/support/chromium.ts';

export interface LoggingPage {
  /** The rows of a request in the live view, each with where it comes from: `kong · backend`. */
  readonly live: (requestId: string) => Promise<readonly string[]>;
  /** The same of a search for it. */
  readonly found: (requestId: string) => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

/** Signs in by the form and opens the live view; events are shown from then on. */
export async function openLoggingPage(base: string, token: string): Promise<LoggingPage> {
  const browser = await launchChromium();
  const page = await browser.newPage({ baseURL: base });
  await page.goto('/?live=1');
  await page.getByLabel('Administration token').fill(token);
  await page.keyboard.press('Enter');
  await page.locator('main').getByRole('status').getByText('Live').waitFor();
  const rowsOf = (requestId: string) => page.locator(`.events > li[data-request="${requestId}"] .origin`);
  return {
    live: (requestId) => rowsOf(requestId).allTextContents(),
    found: async (requestId) => {
      await page.goto(`/?since=15m&request_id=${encodeURIComponent(requestId)}`);
      await rowsOf(requestId).first().waitFor();
      await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
      return page.locator('.events > li .origin').allTextContents();
    },
    close: () => browser.close(),
  };
}
