// The browser that tests and screenshots use: the machine's own Chromium.
import { findProgram } from './paths.mjs';

/**
 * Launch options for Playwright. `executablePath` is CHROMIUM_PATH or what is on PATH.
 * @returns {{ executablePath?: string, args: string[] }}
 */
export function chromiumOptions() {
  const program = process.env.CHROMIUM_PATH ?? findProgram('chromium', 'google-chrome', 'chromium-browser');
  return {
    ...(program === undefined ? {} : { executablePath: program }),
    args: [
      // Chromium's sandbox does not start as root or in most containers; only our own server is visited.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-sync',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
    ],
  };
}
