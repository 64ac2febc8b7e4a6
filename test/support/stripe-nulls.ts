/**
 * Why a field of one of Stripe's examples is null although the example holds something that the field reads, by
 * `resource native field`; the same in every model.
 */
export const COMPUTED_NULLS: Readonly<Record<string, string>> = {
  'customers deleted_customer balance': 'Nothing is known of a deleted customer.',
  'payments payment_intent failure': 'There is no error and no charge that failed.',
  'payments payment_intent failure.who_can_fix': 'The error is of no known kind.',
  'payments payment_intent paid_at': 'It has not succeeded.',
  'payments charge failure': 'It did not fail.',
  'payments charge settlement': 'The balance transaction is an id here; requests ask for the whole record.',
  'payments charge customer.id': 'A guest, known by the holder of the card.',
  'payments charge paid_at': 'It was only authorised.',
  'payouts payout failure': 'It did not fail.',
  'checkout_sessions checkout.session customer.id': 'A guest, known by what was entered on the page.',
  'checkout_sessions checkout.session lines': 'The lines are not in the example; requests ask for them.',
  'checkout_sessions payment_link lines': 'The lines are not in the example; requests ask for them.',
  'checkout_sessions payment_link raw_status': 'A link has no state, only whether it is active.',
  'checkout_sessions payment_link raw_mode': 'A link does not name its mode; its lines tell.',
  'events event changes': 'It tells of nothing that changed.',
  'products product default_price.product.name': 'The price is an id here; requests ask for the whole record.',
  'coupons coupon duration_in_months': 'It does not repeat, so its months count for nothing.',
  'subscriptions subscription renews_at': 'It does not renew.',
}
