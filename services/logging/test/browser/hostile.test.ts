import { expect, it } from 'vitest';
import { kongRecord, logRecord } from './support/records.ts';
import { useWorld } from './support/world.ts';

const world = useWorld();

/** Ways in which a text becomes markup or code where somebody was careless. */
const CORPUS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<a href="javascript:alert(1)">click</a>',
  '<style>@import "http://evil.example/x.css";</style>',
  '<link rel=stylesheet href="http://evil.example/x.css">',
  '<base href="http://evil.example/">',
  '<meta http-equiv="refresh" content="0;url=http://evil.example/">',
  '<form action="http://evil.example/"><button>log in again</button></form>',
  '</pre></details></li><script>alert(1)</script>',
  '{{constructor.constructor("alert(1)")()}}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: some engines of templates would run it
  '${alert(1)}',
  "'-alert(1)-'",
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '\u202Egnp.exe\u202C and \u2028 a line',
  '\u001b[31mred\u001b[0m\u0007',
  '__proto__ constructor toString',
];

it('shows everything that a line holds as text, wherever it stands', async () => {
  await world.sendLogs(
    CORPUS.map((text, index) =>
      logRecord({
        secondsAgo: 60 - index,
        message: text,
        requestId: text,
        more: { service: text, 'http.route': text, [text]: text, inner: { [text]: [text] }, trace_id: 'one' },
      }),
    ),
  );
  await world.sendKong(
    CORPUS.map((text, index) =>
      kongRecord({ id: text, secondsAgo: 30 - index, route: text, consumer: text }),
    ),
  );
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/?kind=log&since=15m');
  expect((await page.locator('.events .body').allTextContents()).toReversed()).toEqual(CORPUS);
  for (const summary of await page.locator('summary.event').all()) await summary.click();
  await expect.poll(() => page.locator('.details .whole').allTextContents()).toEqual(CORPUS.toReversed());
  for (const raw of await page.locator('.raw summary').all()) await raw.click();
  for (const name of ['Service', 'Route', 'Consumer']) await page.getByLabel(name, { exact: true }).focus();
  await expect.poll(() => page.locator('datalist option').count()).toBeGreaterThan(CORPUS.length);
  const foreign =
    'script:not([src^="/assets/"]), iframe, img, svg, base, meta[http-equiv], #page style, #page link, form[action]';
  expect(await page.locator(foreign).count()).toBe(0);
  expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
});

it('takes what stands in an address as text as well', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  const text = '"><img src=x onerror=alert(1)>';
  await visitor.open(
    `/?${new URLSearchParams({ q: text, path: text, attribute: `x=${text}`, since: '15m' })}`,
  );
  await expect.poll(() => page.getByLabel('Search text').inputValue()).toBe(text);
  await page.getByRole('button', { name: `Remove the filter path ${text}` }).waitFor();
  expect(await page.locator('img').count()).toBe(0);
});

it('does not run what is put into the document behind its back', async () => {
  const visitor = await world.visit();
  const { page } = visitor;
  await visitor.open('/');
  const refused = await page.evaluate(() => {
    const tries: (() => unknown)[] = [
      () => document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>'),
      () => document.body.setAttribute('onclick', 'alert(1)'),
      () => {
        document.createElement('script').text = 'alert(1)';
      },
    ];
    return tries.map((attempt) => {
      try {
        attempt();
        return 'done';
      } catch (error) {
        return (error as Error).name;
      }
    });
  });
  expect(refused).toEqual(['TypeError', 'TypeError', 'TypeError']);
  visitor.forgive(/require-trusted-types-for|TrustedHTML|TrustedScript/);
});
