import { CloudEstimate } from '../estimate/cloudEstimate.ts';
import type { Mount } from '../frame/view.ts';

/** What instance types yield for their price. */
export const mount: Mount = (root) => {
  void new CloudEstimate(root);
  return {};
};
