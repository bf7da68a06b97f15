export interface PartOptions {
  /** How often each contender has its turn; the page shows medians with the least and the most. */
  rounds: number;
}

/** Measures one thing, on Redis servers and stacks of its own. What it returns goes into results.json. */
export type Part<Figures> = (options: PartOptions) => Promise<Figures>;
