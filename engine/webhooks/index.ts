export type { Delivery, DeliveryKeys, NativeEvent, Received } from './contract.ts'
export { nativeEvents, readDelivery, rulesFor } from './read.ts'
export { certificateUrl } from './verify.ts'
