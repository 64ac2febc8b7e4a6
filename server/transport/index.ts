export { createEgressPolicy, type EgressOptions, type EgressPolicy } from './egress.ts'
export { createTransport, type NetworkTransport, type TransportOptions } from './transport.ts'
