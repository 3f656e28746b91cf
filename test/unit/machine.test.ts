import { createServer } from 'node:http';
import type { RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { describeMachine, detectInstance, instancesLike } from '../../bench/machine/index.ts';
import type { System } from '../../bench/machine/index.ts';

const DMI = '/sys/class/dmi/id';

/** A system of the given files that reaches nothing: a request is an error unless a test serves it. */
function fakeSystem(files: Readonly<Record<string, string>>, overrides: Partial<System> = {}): System {
  return {
    env: {},
    readText: (path) => Promise.resolve(files[path]),
    listDirectory: (path) => {
      const inside = Object.keys(files).filter((file) => file.startsWith(`${path}/`));
      return Promise.resolve([...new Set(inside.map((file) => file.slice(path.length + 1).split('/')[0]!))]);
    },
    run: () => Promise.resolve(undefined),
    fetch: (url) => Promise.reject(new Error(`nothing may ask for ${url}`)),
    ...overrides,
  };
}

const machines = {
  aws: { [`${DMI}/sys_vendor`]: 'Amazon EC2', [`${DMI}/product_name`]: 'g6e.xlarge' },
  gcp: { [`${DMI}/product_name`]: 'Google Compute Engine' },
  azure: {
    [`${DMI}/sys_vendor`]: 'Microsoft Corporation',
    [`${DMI}/chassis_asset_tag`]: '7783-7084-3265-9085-8269-3286-77',
  },
  oci: { [`${DMI}/chassis_asset_tag`]: 'OracleCloud.com' },
};

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** Serves both metadata addresses from this machine, and keeps what was asked. */
async function metadataServer(
  listener: RequestListener,
): Promise<{ fetch: System['fetch']; asked: string[] }> {
  const asked: string[] = [];
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    fetch: (url, init) =>
      fetch(
        url.replace(/^http:\/\/(169\.254\.169\.254|metadata\.google\.internal)/, `http://127.0.0.1:${port}`),
        init,
      ),
  };
}

/** The metadata service of each cloud, which answers only to the headers that it asks for. */
const services: Readonly<Record<keyof typeof machines, RequestListener>> = {
  aws: (request, response) => {
    if (request.method === 'PUT' && request.url === '/latest/api/token') {
      reply(response, request.headers['x-aws-ec2-metadata-token-ttl-seconds'] ? 200 : 400, 'TOKEN==');
    } else
      reply(response, request.headers['x-aws-ec2-metadata-token'] === 'TOKEN==' ? 200 : 401, 'p5.48xlarge');
  },
  gcp: (request, response) => {
    response.setHeader('Metadata-Flavor', 'Google');
    const asked = request.headers['metadata-flavor'] === 'Google';
    reply(response, asked ? 200 : 403, 'projects/123/machineTypes/a3-highgpu-8g');
  },
  azure: (request, response) =>
    reply(response, request.headers['metadata'] === 'true' ? 200 : 400, 'Standard_ND96isr_H200_v5'),
  oci: (request, response) =>
    reply(response, request.headers.authorization === 'Bearer Oracle' ? 200 : 404, 'BM.GPU.H100.8'),
};

function reply(response: ServerResponse, status: number, body: string): void {
  response.statusCode = status;
  response.end(body);
}

describe('detectInstance, by metadata', () => {
  it.each([
    ['aws', 'p5.48xlarge', ['PUT /latest/api/token', 'GET /latest/meta-data/instance-type']],
    ['gcp', 'a3-highgpu-8g', ['GET /computeMetadata/v1/instance/machine-type']],
    [
      'azure',
      'Standard_ND96isr_H200_v5',
      ['GET /metadata/instance/compute/vmSize?api-version=2021-02-01&format=text'],
    ],
    ['oci', 'BM.GPU.H100.8', ['GET /opc/v2/instance/shape']],
  ] as const)('%s: asks that cloud alone', async (cloud, instanceType, requests) => {
    const { fetch, asked } = await metadataServer(services[cloud]);
    const detected = await detectInstance({ system: fakeSystem(machines[cloud], { fetch }) });
    expect(detected).toMatchObject({ provider: cloud, instanceType, source: 'metadata', catalogued: true });
    expect(asked).toEqual(requests);
  });

  it('keeps a type that the catalogue does not have', async () => {
    const { fetch } = await metadataServer((_request, response) =>
      reply(response, 200, 'VM.Standard.E5.Flex'),
    );
    const detected = await detectInstance({ system: fakeSystem(machines.oci, { fetch }) });
    expect(detected).toMatchObject({ instanceType: 'VM.Standard.E5.Flex', catalogued: false });
    expect(detected.message).toContain('the catalogue does not have it');
  });

  it('asks Azure again, once, when it is busy', async () => {
    let answers = 0;
    const busyOnce = await metadataServer((_request, response) =>
      answers++ === 0 ? reply(response, 429, 'busy') : reply(response, 200, 'Standard_NC24ads_A100_v4'),
    );
    const detected = await detectInstance({ system: fakeSystem(machines.azure, { fetch: busyOnce.fetch }) });
    expect(detected.instanceType).toBe('Standard_NC24ads_A100_v4');
    expect(busyOnce.asked).toHaveLength(2);
  });

  it('gives up when Azure stays busy', async () => {
    const busy = await metadataServer((_request, response) => reply(response, 429, 'busy'));
    const detected = await detectInstance({ system: fakeSystem(machines.azure, { fetch: busy.fetch }) });
    expect(detected).toMatchObject({ provider: 'azure', instanceType: undefined, source: 'none' });
    expect(detected.message).toContain('429');
    expect(busy.asked).toHaveLength(2);
  });

  it.each<[string, RequestListener, string]>([
    ['a captive page', (_request, response) => reply(response, 200, '<html>Sign in</html>'), 'than a name'],
    [
      'a redirect to a page',
      (request, response) => {
        response.setHeader('Location', '/login');
        reply(response, request.url === '/login' ? 200 : 302, 'VM.GPU.A10.1');
      },
      '302',
    ],
    ['a long body', (_request, response) => reply(response, 200, 'a'.repeat(5000)), 'than a name'],
    ['an empty body', (_request, response) => reply(response, 200, ''), 'than a name'],
    ['another word', (_request, response) => reply(response, 200, 'welcome'), 'than an instance type'],
    ['an error', (_request, response) => reply(response, 500, ''), '500'],
    ['a connection cut', (request) => request.socket.destroy(), 'cannot be reached'],
  ])('refuses %s', async (_what, listener, message) => {
    const { fetch, asked } = await metadataServer(listener);
    const detected = await detectInstance({ system: fakeSystem(machines.oci, { fetch }) });
    expect(detected).toMatchObject({
      provider: 'oci',
      instanceType: undefined,
      source: 'none',
      catalogued: false,
    });
    expect(detected.message).toContain(message);
    expect(asked).not.toContain('GET /login');
  });

  it('refuses an answer without the mark of Google Cloud', async () => {
    const { fetch } = await metadataServer((_request, response) =>
      reply(response, 200, 'machineTypes/g2-standard-4'),
    );
    const detected = await detectInstance({ system: fakeSystem(machines.gcp, { fetch }) });
    expect(detected.instanceType).toBeUndefined();
    expect(detected.message).toContain('Google Cloud');
  });

  it('waits no longer than it was told', async () => {
    const { fetch } = await metadataServer(() => {});
    const start = performance.now();
    const detected = await detectInstance({ system: fakeSystem(machines.oci, { fetch }), timeoutMs: 50 });
    expect(detected.message).toContain('did not answer within 50 ms');
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('waits for a slow body no longer either', async () => {
    const { fetch } = await metadataServer((_request, response) => {
      response.writeHead(200);
      response.write('BM.');
    });
    const detected = await detectInstance({ system: fakeSystem(machines.oci, { fetch }), timeoutMs: 50 });
    expect(detected.message).toContain('did not answer within 50 ms');
  });
});

describe('detectInstance, without the network', () => {
  it('takes the type that Nitro firmware names when there is no answer', async () => {
    const detected = await detectInstance({ system: fakeSystem(machines.aws) });
    expect(detected).toMatchObject({ provider: 'aws', instanceType: 'g6e.xlarge', source: 'firmware' });
  });

  it.each([
    ['EC2 by UUID', { [`${DMI}/product_uuid`]: 'EC2AE145-D1DC-13B2-94ED-01234ABCDEF0' }, 'aws'],
    ['EC2 by UUID in reverse', { [`${DMI}/product_uuid`]: '45E12AEC-DCD1-B213-94ED-01234ABCDEF0' }, 'aws'],
    ['EC2 on Xen', { '/sys/hypervisor/uuid': 'ec2e1916-9099-7caf-fd21-012345abcdef' }, 'aws'],
    ['Google by serial number', { [`${DMI}/product_serial`]: 'GoogleCloud-0123' }, 'gcp'],
    ['Google by its short name', { [`${DMI}/product_name`]: 'Google' }, 'gcp'],
    ['Azure by asset tag', machines.azure, 'azure'],
    ['Oracle by asset tag', machines.oci, 'oci'],
  ])('knows %s', async (_what, files, cloud) => {
    const detected = await detectInstance({ system: fakeSystem(files) });
    expect(detected).toMatchObject({ provider: cloud, instanceType: undefined, source: 'none' });
    expect(detected.message).toContain('cannot be reached');
  });

  it.each([
    ['a laptop', { [`${DMI}/sys_vendor`]: 'LENOVO', [`${DMI}/product_name`]: '20XW' }],
    ['Hyper-V that is not Azure', { [`${DMI}/sys_vendor`]: 'Microsoft Corporation' }],
    ['a UUID that has ec2 further on', { [`${DMI}/product_uuid`]: '00ec2145-d1dc-13b2-94ed-01234abcdef0' }],
    ['a machine without firmware tables', {}],
  ])('asks nobody on %s', async (_what, files) => {
    const asked: string[] = [];
    const fetch: System['fetch'] = (url) => {
      asked.push(url);
      return Promise.reject(new Error('unreachable'));
    };
    const detected = await detectInstance({ system: fakeSystem(files, { fetch }) });
    expect(detected).toMatchObject({ provider: undefined, instanceType: undefined, source: 'none' });
    expect(asked).toEqual([]);
  });

  it('asks nobody when TILEWISE_NO_METADATA is set', async () => {
    const { fetch, asked } = await metadataServer(services.azure);
    const off = fakeSystem(machines.azure, { fetch, env: { TILEWISE_NO_METADATA: '1' } });
    expect((await detectInstance({ system: off })).message).toContain('TILEWISE_NO_METADATA');
    expect(asked).toEqual([]);
    const on = fakeSystem(machines.azure, { fetch, env: { TILEWISE_NO_METADATA: '0' } });
    expect((await detectInstance({ system: on })).source).toBe('metadata');
  });

  it('does not throw when files cannot be read', async () => {
    const system = fakeSystem({}, { readText: () => Promise.reject(new Error('disk gone')) });
    expect((await detectInstance({ system })).message).toContain('disk gone');
  });
});

describe('detectInstance, as the user says', () => {
  it('takes the flag before the variable, and asks nobody', async () => {
    const system = fakeSystem(machines.aws, { env: { TILEWISE_INSTANCE: 'g6.xlarge' } });
    const flag = await detectInstance({ instance: 'p4d.24xlarge', system });
    expect(flag).toMatchObject({
      provider: 'aws',
      instanceType: 'p4d.24xlarge',
      source: 'user',
      catalogued: true,
    });
    expect(await detectInstance({ system })).toMatchObject({ instanceType: 'g6.xlarge', source: 'user' });
  });

  it('corrects the case', async () => {
    const detected = await detectInstance({ instance: 'standard_nc24ads_a100_v4', system: fakeSystem({}) });
    expect(detected).toMatchObject({ provider: 'azure', instanceType: 'Standard_NC24ads_A100_v4' });
  });

  it('takes a provider where several have the name', async () => {
    const system = fakeSystem({});
    const shared = await detectInstance({ instance: '1x NVIDIA L4 (on-demand)', system });
    expect(shared).toMatchObject({ provider: undefined, catalogued: true });
    const named = await detectInstance({ instance: 'modal:1x NVIDIA L4 (on-demand)', system });
    expect(named).toMatchObject({ provider: 'modal', catalogued: true });
  });

  it('keeps an unknown type and suggests the nearest', async () => {
    const detected = await detectInstance({ instance: 'p5.48xlrge', system: fakeSystem({}) });
    expect(detected).toMatchObject({ instanceType: 'p5.48xlrge', catalogued: false });
    expect(detected.message).toContain('p5.48xlarge');
  });
});

describe('instancesLike', () => {
  it('finds the types that fit an accelerator and a host', () => {
    const types = instancesLike({
      acceleratorId: 'nvidia-l4',
      provider: 'aws',
      cpuCount: 4,
      memoryBytes: 16.2e9,
    });
    expect(types.map((instance) => instance.instanceType)).toContain('g6.xlarge');
    expect(types.every((instance) => instance.vcpuCount === 4)).toBe(true);
  });

  it('finds none for a host that no provider rents', () => {
    expect(instancesLike({ acceleratorId: 'nvidia-l4', cpuCount: 7, memoryBytes: 1e9 })).toEqual([]);
  });
});

describe('describeMachine', () => {
  it('describes the machine it runs on', async () => {
    const machine = await describeMachine(fakeSystem({}));
    expect(machine.nodeVersion).toBe(process.version);
    expect(machine.cpuCount).toBeGreaterThan(0);
    expect(machine.memoryBytes).toBeGreaterThan(1e8);
    expect(machine).toMatchObject({
      distribution: undefined,
      container: undefined,
      pciGpus: [],
      nvidiaGpus: [],
    });
    expect(JSON.parse(JSON.stringify(machine))).toMatchObject({ kernel: machine.kernel });
  });

  it('does not throw on the real system', async () => {
    expect((await describeMachine()).platform).toBe(process.platform);
  });

  it('reads the distribution', async () => {
    const release = 'NAME="Debian GNU/Linux"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian';
    const machine = await describeMachine(fakeSystem({ '/etc/os-release': release }));
    expect(machine.distribution).toBe('Debian GNU/Linux 13 (trixie)');
  });

  it.each([
    ['docker', { '/.dockerenv': '' }, {}],
    ['podman', { '/run/.containerenv': '' }, {}],
    ['kubernetes', {}, { KUBERNETES_SERVICE_HOST: '10.0.0.1' }],
    ['systemd-nspawn', { '/run/systemd/container': 'systemd-nspawn' }, {}],
    ['containerd', { '/proc/1/cgroup': '0::/system.slice/containerd.service' }, {}],
    [undefined, { '/proc/1/cgroup': '0::/init.scope' }, {}],
  ])('knows a container: %s', async (container, files, env) => {
    expect((await describeMachine(fakeSystem(files, { env }))).container).toBe(container);
  });

  it('lists GPUs on the PCI bus without a driver', async () => {
    const device = (
      address: string,
      pciClass: string,
      vendor: string,
      id: string,
    ): Record<string, string> => ({
      [`/sys/bus/pci/devices/${address}/class`]: pciClass,
      [`/sys/bus/pci/devices/${address}/vendor`]: vendor,
      [`/sys/bus/pci/devices/${address}/device`]: id,
    });
    const machine = await describeMachine(
      fakeSystem({
        ...device('0000:00:1e.0', '0x030200', '0x10de', '0x26b9'),
        ...device('0000:00:1f.0', '0x020000', '0x1d0f', '0xec20'),
        ...device('0000:01:00.0', '0x120000', '0x1002', '0x74a1'),
      }),
    );
    expect(machine.pciGpus).toEqual([
      { address: '0000:00:1e.0', pciId: '10de:26b9' },
      { address: '0000:01:00.0', pciId: '1002:74a1' },
    ]);
  });

  it('reads what nvidia-smi says, and leaves out what it does not have', async () => {
    const output =
      'NVIDIA H100 80GB HBM3, 0x233010DE, 580.95.05, 81559, 1980, 2619, 700.00, Disabled\n' +
      'NVIDIA L4, 0x27B810DE, 580.95.05, 23034, 2040, 6251, [N/A], [N/A]\n';
    const machine = await describeMachine(fakeSystem({}, { run: () => Promise.resolve(output) }));
    expect(machine.nvidiaGpus).toEqual([
      {
        name: 'NVIDIA H100 80GB HBM3',
        pciDeviceId: '0x233010DE',
        driverVersion: '580.95.05',
        memoryMib: 81559,
        maxProcessorMhz: 1980,
        maxMemoryMhz: 2619,
        powerLimitWatts: 700,
        mig: false,
      },
      {
        name: 'NVIDIA L4',
        pciDeviceId: '0x27B810DE',
        driverVersion: '580.95.05',
        memoryMib: 23034,
        maxProcessorMhz: 2040,
        maxMemoryMhz: 6251,
        powerLimitWatts: undefined,
        mig: undefined,
      },
    ]);
  });

  it('takes a failure of nvidia-smi for no GPUs', async () => {
    const output = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n";
    const machine = await describeMachine(fakeSystem({}, { run: () => Promise.resolve(output) }));
    expect(machine.nvidiaGpus).toEqual([]);
  });
});
