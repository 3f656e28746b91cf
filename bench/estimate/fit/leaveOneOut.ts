import { mean } from 'simple-statistics';
import { FORM } from '../model/parameters.ts';
import type { Form, Parameters } from '../model/parameters.ts';
import { fitParameters, logError, without } from './fit.ts';
import type { Observations } from './fit.ts';

/** What each accelerator is predicted with. */
export interface HeldOut {
  readonly acceleratorId: string;
  readonly parameters: Parameters;
}

/**
 * For each accelerator the parameters fitted without it.
 *
 * @param formFor chooses the form from the observations that are left; the one that ships unless given
 */
export function heldOutParameters(
  observations: Observations,
  formFor: (observations: Observations) => Form = () => FORM,
): readonly HeldOut[] {
  const ids = new Set([
    ...observations.kernels.map(({ acceleratorId }) => acceleratorId),
    ...observations.allReduces.map(({ acceleratorId }) => acceleratorId),
  ]);
  return [...ids].map((acceleratorId) => {
    const others = without(observations, acceleratorId);
    return { acceleratorId, parameters: fitParameters(others, formFor(others)) };
  });
}

type ErrorClasses = ReadonlySet<Observations['kernels'][number]['errorClass']>;

const PRODUCTS: ErrorClasses = new Set(['matmul', 'matmulStream']);
const ATTENTION: ErrorClasses = new Set(['attention', 'attentionStream']);

/**
 * The form with the least error when each accelerator of these is held out in turn: first what products tell of, then what
 * attention does. Nothing outside the observations enters, so that it may be chosen inside a fold.
 */
export function chooseForm(observations: Observations): Form {
  const best = (forms: readonly Form[], classes: ErrorClasses): Form => {
    // Attention is fitted last: where it does not count, its fit can be spared.
    const kernels = observations.kernels.filter(
      ({ errorClass }) => classes === ATTENTION || !ATTENTION.has(errorClass),
    );
    const scored = forms.map((form) => ({
      form,
      error: innerError({ kernels, allReduces: [] }, form, classes),
    }));
    return scored.reduce((least, next) => (next.error < least.error ? next : least)).form;
  };
  const overlaps = ['sum', 'root of squares', 'larger'] as const;
  const switches = [false, true];
  // The fewest effects come first: equal errors keep them.
  const plain: Form = { overlap: 'sum', powerLimit: false, bulkCopies: false, softmax: false };
  const products = best(
    overlaps.flatMap((overlap) =>
      switches.flatMap((powerLimit) =>
        switches.map((bulkCopies) => ({ ...plain, overlap, powerLimit, bulkCopies })),
      ),
    ),
    PRODUCTS,
  );
  return best(
    switches.map((softmax) => ({ ...products, softmax })),
    ATTENTION,
  );
}

/** Mean of |ln(predicted / measured)| over accelerators, each held out, of the classes that are asked for. */
function innerError(observations: Observations, form: Form, classes: ErrorClasses): number {
  const ids = new Set(
    observations.kernels
      .filter(({ errorClass }) => classes.has(errorClass))
      .map(({ acceleratorId }) => acceleratorId),
  );
  const errors = [...ids].map((id) => {
    const parameters = fitParameters(without(observations, id), form);
    const own = observations.kernels.filter(
      ({ acceleratorId, errorClass }) => acceleratorId === id && classes.has(errorClass),
    );
    return mean(own.map((observation) => Math.abs(logError(observation, parameters))));
  });
  return mean(errors);
}
