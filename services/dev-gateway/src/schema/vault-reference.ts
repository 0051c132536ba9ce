/** Whether a value stands in a vault, such as `{vault://env/password}`: it is not known here and cannot be judged. */
export const isVaultReference = (value: unknown): boolean =>
  typeof value === 'string' && /^\{vault:\/\/.+\}$/s.test(value);
