/**
 * Failed by all requests of the window, health checks left out; no value without requests. The rule has no value either
 * where nothing has failed yet, which is none of the budget.
 */
export const errorBudgetUsed = (window: '5m' | '30m' | '1h' | '6h'): string =>
  `gateway:error_budget_ratio:rate${window} or 0 * sum(rate(kong_http_requests_total{route!="gateway-health"}[${window}]))`;
