/** Kubernetes' limits on expressions, in units of cost. Source: apiserver's pkg/apis/cel/config.go, apiextensions. */

/** The most one evaluation may cost. */
export const perCallLimit = 1_000_000;
/** The most all rules of a custom resource, or of a policy binding, may cost together. */
export const runtimeCostBudget = 10_000_000;
/** The same for match conditions. */
export const matchConditionsCostBudget = 2_500_000;
/** The most a rule of a CRD may be estimated to cost. */
export const staticEstimatedCostLimit = 10_000_000;
/** The most all rules of a CRD may be estimated to cost together. */
export const staticEstimatedCrdCostLimit = 100_000_000;
/** The request size from which unbounded sizes are estimated. */
export const maxRequestSizeBytes = 3 * 1024 * 1024;
/** The longest message that a messageExpression may make. */
export const maxMessageExpressionBytes = 5 * 1024;
