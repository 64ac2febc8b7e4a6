export { authorize, type Holder, proveAt, queryText, urlBelow, variablesOf } from './authorize.ts'
export { withBodyKey } from './body-key.ts'
export { Origin, type OriginAccount, resolveOrigin } from './origin.ts'
export { signed, signsBody } from './sign.ts'
