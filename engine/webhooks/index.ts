export type { Delivery, DeliveryKeys, NativeEvent, Received } from './contract.ts'
export { eventOf, readDelivery, rulesFor } from './read.ts'
export { certificateUrl } from './verify.ts'
