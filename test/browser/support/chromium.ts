import { existsSync } from 'node:fs';
import type { LaunchOptions } from 'playwright';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The Chromium that the tests drive: `CHROMIUM_PATH`, else the system's; whether it exists is told by `setup`. */
function chromiumPath(): string {
  const asked = process.env['CHROMIUM_PATH'];
  return asked ?? CANDIDATES.find((path) => existsSync(path)) ?? CANDIDATES[0]!;
}

/**
 * Runs before the browser tests.
 *
 * @throws Error naming what was looked for and the command that installs it
 */
export function setup(): void {
  if (existsSync(chromiumPath())) return;
  throw new Error(
    `no Chromium at ${process.env['CHROMIUM_PATH'] ?? CANDIDATES.join(', ')}. Install one (Debian, Ubuntu: apt-get ` +
      'install chromium) or set CHROMIUM_PATH.',
  );
}

/**
 * How to start it. WebGPU on a machine without a GPU comes from Chromium's own software adapter (SwiftShader), which is
 * behind `--enable-unsafe-webgpu`; without that flag the browser has `navigator.gpu` and no adapter.
 */
export function launchOptions({ webgpu }: { readonly webgpu: boolean }): LaunchOptions {
  return {
    executablePath: chromiumPath(),
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(webgpu ? ['--enable-unsafe-webgpu'] : []),
    ],
  };
}
