import type { RequestFacts, Run } from './contract.ts'

const NO_REQUEST: RequestFacts = {
  id: '',
  verb: '',
  path: '',
  headers: {},
  query: {},
  idempotency_key: undefined,
  replayed: false,
  original_id: '',
  version: '',
  limit: null,
}

/** A run that no request asked for: of the seed, or of what time brings about. */
export const ownRun = (now: number, given: Partial<Pick<Run, 'resource' | 'id' | 'path' | 'let' | 'item'>>): Run => ({
  resource: '',
  id: undefined,
  body: {},
  query: {},
  path: {},
  let: {},
  item: null,
  ...given,
  now,
  request: NO_REQUEST,
})
