import { INSTANCE_TYPE } from './clouds.ts';
import type { Cloud } from './clouds.ts';
import type { System } from './system.ts';

const LINK_LOCAL = 'http://169.254.169.254';
const GCP = 'http://metadata.google.internal';

/** The answers asked for are names; a longer one comes from somebody else. */
const LONGEST_ANSWER = 200;

/** The instance type, or why the metadata service gave none, in words. */
export type MetadataAnswer = { readonly instanceType: string } | { readonly problem: string };

/**
 * Asks the metadata service of one cloud for the instance type, and nothing else: no account, no identity document.
 * Whoever sits at that address in another network (a captive portal) answers with redirects or pages, which are refused.
 *
 * @param timeoutMs for the whole exchange; the answer is a problem when it has passed
 */
export async function askMetadata(cloud: Cloud, system: System, timeoutMs: number): Promise<MetadataAnswer> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await QUESTIONS[cloud]((url, init) =>
      // A redirect is an answer here, and a wrong one.
      system.fetch(url, { ...init, signal, redirect: 'manual' }),
    );
    return INSTANCE_TYPE[cloud].test(answer)
      ? { instanceType: answer }
      : { problem: 'the metadata service answered something else than an instance type' };
  } catch (error) {
    if (signal.aborted) return { problem: `the metadata service did not answer within ${timeoutMs} ms` };
    return {
      problem: error instanceof MetadataError ? error.message : 'the metadata service cannot be reached',
    };
  }
}

class MetadataError extends Error {}

type Ask = (url: string, init: RequestInit) => Promise<Response>;

/** One question for each cloud, by canonical/cloud-init@04eacd06, sources/DataSource{Ec2,GCE,Oracle}.py and azure/imds.py. */
const QUESTIONS: Readonly<Record<Cloud, (ask: Ask) => Promise<string>>> = {
  aws: async (ask) => {
    const token = await textOf(
      await ask(`${LINK_LOCAL}/latest/api/token`, {
        method: 'PUT',
        headers: { 'X-aws-ec2-metadata-token-ttl-seconds': '60' },
      }),
    );
    return textOf(
      await ask(`${LINK_LOCAL}/latest/meta-data/instance-type`, {
        headers: { 'X-aws-ec2-metadata-token': token },
      }),
    );
  },
  azure: async (ask) => {
    const once = (): Promise<Response> =>
      ask(`${LINK_LOCAL}/metadata/instance/compute/vmSize?api-version=2021-02-01&format=text`, {
        headers: { Metadata: 'true' },
      });
    const response = await once();
    // Azure answers 429 under load; the timeout bounds the second try with the first.
    return textOf(response.status === 429 ? await once() : response);
  },
  gcp: async (ask) => {
    const response = await ask(`${GCP}/computeMetadata/v1/instance/machine-type`, {
      headers: { 'Metadata-Flavor': 'Google' },
    });
    const text = await textOf(response);
    if (response.headers.get('Metadata-Flavor') !== 'Google') {
      throw new MetadataError('the answer does not come from the metadata service of Google Cloud');
    }
    return text.slice(text.lastIndexOf('/') + 1);
  },
  oci: async (ask) =>
    textOf(await ask(`${LINK_LOCAL}/opc/v2/instance/shape`, { headers: { Authorization: 'Bearer Oracle' } })),
};

async function textOf(response: Response): Promise<string> {
  if (response.status !== 200) throw new MetadataError(`the metadata service answered ${response.status}`);
  const text = (await response.text()).trim();
  if (text === '' || text.length > LONGEST_ANSWER || text.includes('<')) {
    throw new MetadataError('the metadata service answered something else than a name');
  }
  return text;
}
