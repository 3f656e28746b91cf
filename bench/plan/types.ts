import type { PriceAge } from '../estimate/index.ts';
import type { TransformerWorkload } from '../estimate/index.ts';

/** A part of a budget spent on one instance type. */
export interface MixPart {
  readonly provider: string;
  readonly instanceType: string;
  /** Which of them, where a provider rents several accelerators under one name; the first unless given. */
  readonly acceleratorId?: string;
  /** Of the money, in (0, 1]. */
  readonly share: number;
}

export interface PlanRequest {
  readonly budgetUsd: number;
  readonly years: number;
  /** Where the money goes; shares add up to 1. */
  readonly mix: readonly MixPart[];
  /** What the machines work on. */
  readonly workload: TransformerWorkload;
  /** Share of the hours in which they work. */
  readonly utilisation: number;
  /** Months in which capacity grows evenly from nothing to all of it. */
  readonly rampMonths: number;
  /** The day that prices are judged from, `YYYY-MM-DD`. */
  readonly today: string;
  /** Dollars an hour for instance types, by name, instead of what the catalogue says: contracts, or types that no list has. */
  readonly prices?: Readonly<Record<string, number>>;
}

/** What a price is. */
export interface PlanPrice {
  /**
   * `list`: on demand. `committed`: an AWS capacity block of the type, or its mean discount off another list price. `given`: with the
   * request, instead of both.
   */
  readonly kind: 'list' | 'committed' | 'given';
  readonly usdPerAcceleratorHour: number;
  readonly date: string | null;
  readonly age: PriceAge | null;
  readonly source: string;
}

/** One instance type at one price. */
export interface PlanPart extends MixPart {
  readonly accelerator: string;
  readonly price: PlanPrice;
  /** Running once all are there. */
  readonly accelerators: number;
  /** Drawn from the grid at work, host and PUE included. */
  readonly megawatts: number | null;
  /** Of all of them at work; 10th and 90th percentile beside. */
  readonly tokensPerSecond: number;
  readonly low: number;
  readonly high: number;
}

/** A budget at one kind of price. */
export interface PlanOutcome {
  readonly kind: PlanPrice['kind'];
  readonly parts: readonly PlanPart[];
  readonly accelerators: number;
  /** `null` where the power of one of the types is unknown. */
  readonly megawatts: number | null;
  /** Over all the years. */
  readonly tokens: number;
  readonly tokensLow: number;
  readonly tokensHigh: number;
  readonly usdPerMillionTokens: number;
  readonly years: readonly PlanYear[];
}

export interface PlanYear {
  readonly year: number;
  /** On average over the year. */
  readonly accelerators: number;
  readonly megawatts: number | null;
  readonly usd: number;
  readonly tokens: number;
  readonly tokensSoFar: number;
}

/** What becomes of the tokens when one assumption is other than taken. */
export interface Sensitivity {
  readonly assumption: string;
  readonly taken: string;
  readonly low: string;
  readonly high: string;
  /** Tokens of the whole plan at the one and the other, as shares of those with what was taken; `null` where the model does not fit. */
  readonly tokensAtLow: number | null;
  readonly tokensAtHigh: number | null;
  readonly source: string;
}

export interface Plan {
  readonly request: PlanRequest;
  /** At list prices, then at committed ones; at given prices alone where all are given. */
  readonly outcomes: readonly [PlanOutcome, ...PlanOutcome[]];
  /** Most telling first, at the first kind of price. */
  readonly sensitivity: readonly Sensitivity[];
  readonly notices: readonly string[];
}
