import { render } from 'lit';
import { Chart } from '../chart/chart.ts';
import { Explorer, type EstimateState } from '../estimate/explorer.ts';
import type { EstimateActions } from '../estimate/actions.ts';
import { estimateView } from '../estimate/estimateView.ts';
import { yearsChart } from '../estimate/planView.ts';
import { scatter } from '../estimate/scatter.ts';
import type { Mount } from '../frame/view.ts';
import './estimate.css';

/** What instance types yield for their price, and what a budget buys. */
export const mount: Mount = (root, page) => {
  let points: Chart | undefined;
  let years: Chart | undefined;
  const actions: EstimateActions = {
    choose: (change) => explorer.choose(change),
    placeOwn: () => void explorer.placeOwn(),
    scatter: (element) => {
      if (element) points = new Chart(element as HTMLElement, 'Price against throughput of instance types');
    },
    years: (element) => {
      if (element) years = new Chart(element as HTMLElement, 'Tokens in each year of the plan');
    },
  };
  const show = (state: EstimateState): void => {
    render(estimateView(state, actions), root);
    const { exploration, budget, own } = state;
    if (exploration) points?.show(scatter(exploration, own.kind === 'measured' ? own.rate : undefined));
    if (budget) years?.show(yearsChart(budget));
  };
  const explorer = new Explorer(page, show);
  return { enter: (state) => explorer.enter(state) };
};
