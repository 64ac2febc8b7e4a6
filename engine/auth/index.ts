export { authorize, proveAt, queryText, urlBelow, withProof } from './authorize.ts'
export { withBodyKey } from './body-key.ts'
export { Origin, type OriginAccount, resolveOrigin } from './origin.ts'
