/** The browser of the machine. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

function executable(): string {
  const path = process.env.CHROMIUM ?? PATHS.find((each) => existsSync(each));
  if (path === undefined) {
    throw new Error(
      'these tests need Chromium: install the package chromium, or name the program in CHROMIUM',
    );
  }
  return path;
}

export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: executable(),
    // As root, which is who runs the pipeline, Chromium has no sandbox; /dev/shm is small in containers.
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-dev-shm-usage',
      '--disable-gpu',
      '--disable-background-networking',
    ],
  });
}
