export { authorize, proveAt, queryText, urlBelow } from './authorize.ts'
export { withBodyKey } from './body-key.ts'
export { Origin, type OriginAccount, resolveOrigin } from './origin.ts'
