import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseVars, scriptPath } from '../../scripts/softwareGpu.mjs';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tilewise-software-gpu-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function run(args: string[], env: Record<string, string> = {}) {
  const { HOME: _, TILEWISE_CACHE_DIR: __, XDG_CACHE_HOME: ___, ...rest } = process.env;
  const child = spawnSync('sh', [scriptPath('softwareGpu.sh'), ...args], {
    encoding: 'utf8',
    env: { ...rest, HOME: join(root, 'home'), TILEWISE_ARCH: 'x86_64', ...env },
  });
  return { code: child.status, lines: child.stdout.trim().split('\n'), errors: child.stderr };
}

/** What would be done on a system with these files. */
function plan(files: Record<string, string>, env: Record<string, string> = {}) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return run(['--plan'], { TILEWISE_SYSROOT: root, ...env });
}

const debian12 = 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian 12"\n';
const debianKeys = { 'usr/share/keyrings/debian-archive-keyring.gpg': '' };
const jammy =
  'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="22.04"\nVERSION_CODENAME=jammy\nUBUNTU_CODENAME=jammy\nPRETTY_NAME="Ubuntu 22.04"\n';
const noble = jammy.replaceAll('jammy', 'noble').replaceAll('22.04', '24.04');
const ubuntuKeys = { 'usr/share/keyrings/ubuntu-archive-keyring.gpg': '' };

describe('the package source', () => {
  it('is read from deb822 files, with comments, continuation lines and disabled stanzas', () => {
    const { code, lines } = plan({
      ...debianKeys,
      'etc/os-release': debian12,
      'etc/apt/sources.list.d/debian.sources': [
        'Types: deb',
        '# URIs: http://commented.example/debian',
        'URIs: http://disabled.example/debian',
        'Suites: bookworm',
        'Components: main',
        'Enabled: no',
        '',
        'Types: deb deb-src',
        'URIs:',
        ' http://mirror.example/debian',
        'Suites: bookworm bookworm-updates',
        'Components: main contrib',
        `Signed-By: ${root}/usr/share/keyrings/debian-archive-keyring.gpg`,
      ].join('\n'),
    });
    expect(code).toBe(0);
    expect(lines).toContain('recipe debian');
    expect(lines).toContain('target trixie-backports');
    const keys = `${root}/usr/share/keyrings/debian-archive-keyring.gpg`;
    for (const suite of ['trixie', 'trixie-backports', 'bookworm']) {
      expect(lines).toContain(
        `deb [arch=amd64 signed-by=${keys}] http://mirror.example/debian ${suite} main`,
      );
    }
    expect(lines.join()).not.toMatch(/commented|disabled/);
  });

  it('is read from one-line files, with options', () => {
    const { lines } = plan({
      ...debianKeys,
      'etc/os-release': debian12,
      'etc/apt/sources.list': [
        '# deb http://old.example/debian bookworm main',
        'deb-src http://source.example/debian bookworm main',
        'deb [ arch=amd64 signed-by=/etc/apt/keyrings/corp.gpg ] http://mirror.example/debian bookworm main non-free # ours',
      ].join('\n'),
    });
    const keys = `/etc/apt/keyrings/corp.gpg,${root}/usr/share/keyrings/debian-archive-keyring.gpg`;
    expect(lines).toContain(`deb [arch=amd64 signed-by=${keys}] http://mirror.example/debian trixie main`);
  });

  it("is the distribution's own, not a vendor's with the same suite", () => {
    const { lines } = plan({
      ...debianKeys,
      'etc/os-release': debian12,
      'etc/apt/sources.list.d/a.list': 'deb https://vendor.example/debian/12/prod bookworm main\n',
      'etc/apt/sources.list.d/b.list': 'deb https://mirror.example/debian/ bookworm main\n',
      'etc/apt/sources.list.d/c.list': 'deb https://mirror.example/debian-security bookworm-security main\n',
    });
    expect(lines.join()).toContain(' https://mirror.example/debian/ trixie main');
  });

  it('may be a mirror list, as on cloud images', () => {
    const { lines } = plan({
      ...debianKeys,
      'etc/os-release': debian12,
      'etc/apt/sources.list.d/debian.sources':
        'Types: deb\nURIs: mirror+file:///etc/apt/mirrors/debian.list\nSuites: bookworm\nComponents: main\n',
    });
    expect(lines.join()).toContain(' mirror+file:///etc/apt/mirrors/debian.list trixie main');
  });

  it('may be trusted without a signature', () => {
    const { lines } = plan({
      ...debianKeys,
      'etc/os-release': debian12,
      'etc/apt/sources.list': 'deb [trusted=yes] http://mirror.example/debian bookworm main\n',
    });
    expect(lines).toContain('deb [arch=amd64 trusted=yes] http://mirror.example/debian trixie main');
  });

  it('being absent is an error of its own', () => {
    const { code, errors } = plan({ ...debianKeys, 'etc/os-release': debian12 });
    expect(code).toBe(5);
    expect(errors).toContain('no package source of Debian 12');
  });

  it('without its keys is an error that names the package', () => {
    const { code, errors } = plan({
      'etc/os-release': debian12,
      'etc/apt/sources.list': 'deb http://mirror.example/debian bookworm main\n',
    });
    expect(code).toBe(5);
    expect(errors).toContain('apt-get install debian-archive-keyring');
  });
});

describe('the recipe', () => {
  it("on Ubuntu 22.04 is the machine's own suite, from its one-line sources, not a PPA", () => {
    const { code, lines } = plan({
      ...ubuntuKeys,
      'etc/os-release': jammy,
      'etc/apt/sources.list': [
        'deb http://region.example/ubuntu/ jammy main restricted',
        'deb http://region.example/ubuntu/ jammy-updates main restricted',
        'deb http://region.example/ubuntu/ jammy universe',
        'deb http://security.example/ubuntu jammy-security main',
      ].join('\n'),
      'etc/apt/sources.list.d/ppa.list': 'deb https://ppa.launchpadcontent.net/x/y/ubuntu/ jammy main\n',
    });
    const keys = `${root}/usr/share/keyrings/ubuntu-archive-keyring.gpg`;
    expect(code).toBe(0);
    expect(lines).toContain('recipe ubuntu');
    expect(lines.filter((line) => line.startsWith('deb '))).toEqual([
      `deb [arch=amd64 signed-by=${keys}] http://region.example/ubuntu/ jammy main universe`,
      `deb [arch=amd64 signed-by=${keys}] http://region.example/ubuntu/ jammy-updates main universe`,
    ]);
  });

  it('on Ubuntu 24.04 reads ubuntu.sources', () => {
    const keys = `${root}/usr/share/keyrings/ubuntu-archive-keyring.gpg`;
    const { lines } = plan({
      ...ubuntuKeys,
      'etc/os-release': noble,
      'etc/apt/sources.list.d/ubuntu.sources':
        `Types: deb\nURIs: http://archive.example/ubuntu/\nSuites: noble noble-updates noble-backports\nComponents: main universe restricted multiverse\nSigned-By: ${keys}\n\n` +
        `Types: deb\nURIs: http://security.example/ubuntu/\nSuites: noble-security\nComponents: main universe\nSigned-By: ${keys}\n`,
    });
    expect(lines.filter((line) => line.startsWith('deb '))).toEqual([
      `deb [arch=amd64 signed-by=${keys}] http://archive.example/ubuntu/ noble main universe`,
      `deb [arch=amd64 signed-by=${keys}] http://archive.example/ubuntu/ noble-updates main universe`,
    ]);
  });

  it.each([
    ['another system', 'ID=fedora\nVERSION_ID=44\nPRETTY_NAME="Fedora 44"\n', {}, 'this system is Fedora 44'],
    ['an old Debian', debian12.replaceAll('12', '11'), {}, 'Debian 11 is too old'],
    ['an old Ubuntu', jammy.replaceAll('jammy', 'focal'), {}, 'too old'],
    ['another processor', debian12, { TILEWISE_ARCH: 'aarch64' }, 'this machine is aarch64'],
  ])('refuses %s with code 3', (_, release, env, message) => {
    const { code, errors } = plan({ 'etc/os-release': release }, env);
    expect(code).toBe(3);
    expect(errors).toContain(message);
  });
});

describe('arguments and folders', () => {
  it.each([
    [['--nodes'], 2, 'unknown option --nodes'],
    [['--node'], 2, '--node needs a path'],
    [['a', 'b'], 2, 'expected one folder, got 2'],
    [['a:b'], 7, 'colon'],
  ])('%j ends with code %i', (args, code, message) => {
    mkdirSync(join(root, 'etc'), { recursive: true });
    writeFileSync(join(root, 'etc/os-release'), debian12);
    const result = run(args, { TILEWISE_SYSROOT: root });
    expect(result.code).toBe(code);
    expect(result.errors).toContain(message);
  });

  it('the default folder follows TILEWISE_CACHE_DIR, then XDG_CACHE_HOME, then HOME', () => {
    const files = {
      ...debianKeys,
      'etc/os-release': debian12,
      'etc/apt/sources.list': 'deb http://mirror.example/debian bookworm main\n',
    };
    expect(plan(files).lines).toContain(`folder ${root}/home/.cache/tilewise/software-gpu`);
    expect(plan(files, { XDG_CACHE_HOME: '/x' }).lines).toContain('folder /x/tilewise/software-gpu');
    expect(plan(files, { XDG_CACHE_HOME: '/x', TILEWISE_CACHE_DIR: '/t' }).lines).toContain(
      'folder /t/software-gpu',
    );
  });
});

describe('parseVars', () => {
  it('puts the patched node first on the PATH', () => {
    const { nodePath, env } = parseVars('NODE=/c/bin/node\nVK_DRIVER_FILES=/c/a=b.json\n');
    expect(nodePath).toBe('/c/bin/node');
    expect(env['VK_DRIVER_FILES']).toBe('/c/a=b.json');
    expect(env['PATH']).toMatch(/^\/c\/bin:/);
    expect(env).not.toHaveProperty('NODE');
  });

  it('leaves the PATH alone where node itself serves', () => {
    expect(parseVars(`NODE=${process.execPath}\n`).env).not.toHaveProperty('PATH');
  });
});
