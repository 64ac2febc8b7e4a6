/** In CI generated cases are the same in every run, so that it fails for what a change did; elsewhere they are new each time. */
export const SEED: { readonly seed?: number } = process.env.CI === undefined ? {} : { seed: 20_261_129 }
