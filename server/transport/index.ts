export { createEgressPolicy, createNarrowEgressPolicy } from './egress.ts'
export { createTransport, type NetworkTransport, type TransportOptions } from './transport.ts'
