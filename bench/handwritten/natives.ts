/** What may be missing, or said to be nothing. */
type Maybe<T> = T | null | undefined
type Text = Maybe<string>
type Amount = Maybe<number>
type Labels = Maybe<Readonly<Record<string, string>>>
/** An id, or the object that has it. */
export type Reference<T extends object = object> = Maybe<string | (T & { readonly id?: string })>

interface NativeList<T> {
  readonly data: readonly T[]
  readonly has_more?: boolean
}

/** An address as the provider has it. */
export interface NativeAddress {
  readonly line1?: Text
  readonly line2?: Text
  readonly city?: Text
  readonly state?: Text
  readonly postal_code?: Text
  readonly country?: Text
}

/** Who pays: a customer, or what a guest said about themselves. */
export interface NativePayer {
  readonly id?: string
  readonly name?: Text
  readonly individual_name?: Text
  readonly business_name?: Text
  readonly email?: Text
}

interface Card {
  readonly brand?: Text
  readonly last4?: Text
  readonly exp_month?: Amount
  readonly exp_year?: Amount
  readonly wallet?: Maybe<{ readonly type?: Text }>
}

interface Account4 {
  readonly last4?: Text
  readonly iban_last4?: Text
}

/** A payment method, or the details of one. */
export interface NativeMethod {
  readonly id?: string
  readonly type?: Text
  readonly card?: Maybe<Card>
  readonly card_present?: Maybe<Card>
  readonly interac_present?: Maybe<Card>
  readonly us_bank_account?: Maybe<Account4>
  readonly sepa_debit?: Maybe<Account4>
  readonly bacs_debit?: Maybe<Account4>
  readonly au_becs_debit?: Maybe<Account4>
  readonly acss_debit?: Maybe<Account4>
  readonly nz_bank_account?: Maybe<Account4>
  readonly bancontact?: Maybe<Account4>
  readonly ideal?: Maybe<Account4>
  readonly sofort?: Maybe<Account4>
}

/** A customer with all that is mapped of it. */
export interface NativeCustomer extends NativePayer {
  readonly created?: Amount
  readonly deleted?: boolean
  readonly livemode?: boolean
  readonly metadata?: Labels
  readonly phone?: Text
  readonly address?: Maybe<NativeAddress>
  readonly shipping?: Maybe<{ readonly name?: Text; readonly phone?: Text; readonly address?: Maybe<NativeAddress> }>
  readonly tax_ids?: Maybe<NativeList<{ readonly type?: Text; readonly value?: Text }>>
  readonly tax_exempt?: Text
  readonly currency?: Text
  readonly preferred_locales?: Maybe<readonly string[]>
  readonly balance?: Amount
  readonly delinquent?: Maybe<boolean>
  readonly invoice_settings?: Maybe<{ readonly default_payment_method?: Reference<NativeMethod> }>
  readonly default_source?: Reference<NativeMethod>
  readonly description?: Text
}

interface NativeRefund {
  readonly id: string
  readonly amount?: Amount
  readonly currency?: Text
  readonly status?: Text
}

/** A balance transaction. */
export interface NativeSettlement {
  readonly id: string
  readonly amount?: Amount
  readonly fee?: Amount
  readonly net?: Amount
  readonly currency?: Text
  readonly exchange_rate?: Amount
  readonly available_on?: Amount
  readonly created?: Amount
}

/** The last error of a payment, or a charge that failed. */
export interface NativeFailure {
  readonly object?: string
  readonly code?: Text
  readonly failure_code?: Text
  readonly type?: Text
  readonly decline_code?: Text
  readonly advice_code?: Text
  readonly outcome?: Maybe<{ readonly reason?: Text; readonly advice_code?: Text }>
  readonly message?: Text
  readonly failure_message?: Text
  readonly payment_method?: Reference<NativeMethod>
}

/** The charge behind a payment. */
export interface NativeCharge extends Omit<NativeFailure, 'type'> {
  readonly id: string
  readonly status?: Text
  readonly created?: Amount
  readonly captured?: boolean
  readonly refunded?: boolean
  readonly disputed?: boolean
  readonly amount_captured?: Amount
  readonly amount_refunded?: Amount
  readonly balance_transaction?: Maybe<string | NativeSettlement>
  readonly billing_details?: Maybe<NativePayer>
  readonly calculated_statement_descriptor?: Text
  readonly payment_method_details?: Maybe<NativeMethod>
  readonly receipt_url?: Text
  readonly refunds?: Maybe<NativeList<NativeRefund>>
}

/** A payment intent with its latest charge. */
export interface NativePayment {
  readonly id: string
  readonly created?: Amount
  readonly livemode?: boolean
  readonly metadata?: Labels
  readonly amount?: Amount
  readonly amount_received?: Amount
  readonly currency?: Text
  readonly status?: Text
  readonly canceled_at?: Amount
  readonly latest_charge?: Maybe<NativeCharge>
  readonly last_payment_error?: Maybe<NativeFailure>
  readonly customer?: Reference<NativePayer>
  readonly payment_method?: Reference<NativeMethod>
  readonly description?: Text
  readonly statement_descriptor?: Text
  readonly statement_descriptor_suffix?: Text
  readonly receipt_email?: Text
  readonly payment_details?: Maybe<{ readonly order_reference?: Text }>
  readonly application_fee_amount?: Amount
  readonly transfer_data?: Maybe<{ readonly destination?: Reference }>
}

interface NativeTax {
  readonly amount?: Amount
  readonly taxable_amount?: Amount
  readonly tax_behavior?: Text
  readonly tax_rate_details?: Maybe<{ readonly tax_rate?: Text }>
}

/** A line of an invoice. */
export interface NativeLine {
  readonly id: string
  readonly amount?: Amount
  readonly currency?: Text
  readonly description?: Text
  readonly quantity?: Amount
  readonly quantity_decimal?: Text
  readonly period?: Maybe<{ readonly start?: Amount; readonly end?: Amount }>
  readonly pricing?: Maybe<{
    readonly unit_amount_decimal?: Text
    readonly price_details?: Maybe<{ readonly price?: Reference; readonly product?: Reference }>
  }>
  readonly parent?: Maybe<{
    readonly subscription_item_details?: Maybe<{
      readonly proration?: Maybe<boolean>
      readonly subscription_item?: Reference
    }>
    readonly invoice_item_details?: Maybe<{ readonly proration?: Maybe<boolean> }>
  }>
  readonly taxes?: Maybe<readonly NativeTax[]>
}

interface NativeInvoicePayment {
  readonly amount_paid?: Amount
  readonly amount_requested?: Amount
  readonly currency?: Text
  readonly status?: Text
  readonly status_transitions?: Maybe<{ readonly paid_at?: Amount }>
  readonly payment?: Maybe<{
    readonly type?: Text
    readonly payment_intent?: Reference
    readonly charge?: Reference
  }>
}

/** An invoice with its lines and payments. */
export interface NativeInvoice {
  readonly id: string
  readonly created?: Amount
  readonly deleted?: boolean
  readonly livemode?: boolean
  readonly metadata?: Labels
  readonly number?: Text
  readonly customer?: Reference<NativePayer>
  readonly customer_name?: Text
  readonly customer_email?: Text
  readonly parent?: Maybe<{ readonly subscription_details?: Maybe<{ readonly subscription?: Reference }> }>
  readonly status?: Text
  readonly collection_method?: Text
  readonly billing_reason?: Text
  readonly effective_at?: Amount
  readonly status_transitions?: Maybe<{
    readonly finalized_at?: Amount
    readonly paid_at?: Amount
    readonly voided_at?: Amount
    readonly marked_uncollectible_at?: Amount
  }>
  readonly due_date?: Amount
  readonly period_start?: Amount
  readonly period_end?: Amount
  readonly currency?: Text
  readonly subtotal?: Amount
  readonly total_discount_amounts?: Maybe<readonly { readonly amount: number }[]>
  readonly total_taxes?: Maybe<readonly { readonly amount: number }[]>
  readonly total?: Amount
  readonly amount_due?: Amount
  readonly amount_paid?: Amount
  readonly amount_remaining?: Amount
  readonly attempt_count?: Amount
  readonly next_payment_attempt?: Amount
  readonly hosted_invoice_url?: Text
  readonly invoice_pdf?: Text
  readonly lines?: Maybe<NativeList<NativeLine>>
  readonly payments?: Maybe<NativeList<NativeInvoicePayment>>
  readonly description?: Text
}

interface Refunded {
  readonly amount_refunded?: Amount
  readonly latest_charge?: Maybe<{ readonly amount_refunded?: Amount }>
}

/** What a mapper sees beside the record: the account, and what was looked up for the page. */
export interface Given {
  readonly livemode: boolean
  readonly disputes: readonly { readonly status?: Text; readonly is_charge_refundable?: boolean }[]
  readonly refunds: readonly NativeRefund[]
  readonly lines: readonly NativeLine[]
  readonly products: readonly { readonly id: string; readonly name?: Text }[]
  readonly tax_rates: readonly { readonly id: string; readonly display_name?: Text; readonly percentage?: Amount }[]
  readonly payments: readonly NativeInvoicePayment[]
  readonly intents: readonly Refunded[]
  readonly charges: readonly Refunded[]
}
