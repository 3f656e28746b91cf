import type { System } from './system.ts';

/** Clouds that leave their mark in a machine's firmware tables and answer questions about it. */
export type Cloud = 'aws' | 'azure' | 'gcp' | 'oci';

const DMI = '/sys/class/dmi/id';

/** Asset tags that stand for a cloud (canonical/cloud-init@04eacd06: azure/identity.py, DataSourceOracle.py). */
const CHASSIS_ASSET_TAGS: Readonly<Record<string, Cloud>> = {
  '7783-7084-3265-9085-8269-3286-77': 'azure',
  'OracleCloud.com': 'oci',
};

/** What the firmware says: which cloud, and the instance type where it says even that. */
export interface FirmwareIdentity {
  readonly cloud: Cloud;
  readonly instanceType: string | undefined;
}

/**
 * Names the cloud from the firmware tables alone, without the network, by the evidence that cloud-init goes by
 * (canonical/cloud-init@04eacd06, tools/ds-identify). Serial numbers and UUIDs are readable by root only on most
 * distributions, so each cloud is known by more than one field.
 */
export async function identifyCloud(system: System): Promise<FirmwareIdentity | undefined> {
  const dmi = (name: string): Promise<string | undefined> => system.readText(`${DMI}/${name}`);
  const [vendor, product, serial, uuid, chassisTag, hypervisor] = await Promise.all([
    dmi('sys_vendor'),
    dmi('product_name'),
    dmi('product_serial'),
    dmi('product_uuid'),
    dmi('chassis_asset_tag'),
    system.readText('/sys/hypervisor/uuid'),
  ]);
  const tagged = CHASSIS_ASSET_TAGS[chassisTag ?? ''];
  if (tagged) return { cloud: tagged, instanceType: undefined };
  if (product === 'Google Compute Engine' || product === 'Google' || serial?.startsWith('GoogleCloud-')) {
    return { cloud: 'gcp', instanceType: undefined };
  }
  if (vendor === 'Amazon EC2' || isEc2Uuid(uuid) || isEc2Uuid(hypervisor)) {
    // Nitro instances carry their type as the product name; Xen ones do not.
    const named = product !== undefined && INSTANCE_TYPE.aws.test(product);
    return { cloud: 'aws', instanceType: named ? product : undefined };
  }
  return undefined;
}

/** EC2's UUIDs start with "ec2"; older firmware prints their first four bytes in reverse. */
function isEc2Uuid(uuid: string | undefined): boolean {
  const first = uuid?.slice(0, 8).toLowerCase() ?? '';
  const reversed = [6, 4, 2, 0].map((at) => first.slice(at, at + 2)).join('');
  return first.startsWith('ec2') || reversed.startsWith('ec2');
}

/** What an instance type of each cloud looks like; anything else was not sent by that cloud. */
export const INSTANCE_TYPE: Readonly<Record<Cloud, RegExp>> = {
  aws: /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/,
  azure: /^(?:Standard|Basic)_[A-Za-z0-9_-]+$/,
  gcp: /^[a-z][a-z0-9-]+$/,
  oci: /^(?:VM|BM)\.[A-Za-z0-9.-]+$/,
};
