export type {
  ApiDocument,
  ApiEndpoint,
  ApiNode,
  ApiParameter,
  ApiSecurity,
  ApiServer,
  LeftOut,
} from './contract.ts'
export { type OpenApi, readOpenApi } from './read.ts'
export { Schemas } from './schemas.ts'
