export { buildRequest } from './build-request.ts'
export { HOP_BY_HOP, isOwnedHeader, refuseOwnedBody, refuseOwnedQuery } from './owned.ts'
export { parseTarget } from './path.ts'
export { matchOperation, resolveOperation } from './resolve-operation.ts'
