import {
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PROMETHEUS } from './data-sources.ts';

/** A choice of one, several or all values of a label of `series`. */
export const labelValues = (name: string, series: string): QueryVariableBuilder => {
  const query = `label_values(${series}, ${name})`;
  return (
    new QueryVariableBuilder(name)
      .label(name)
      .datasource(PROMETHEUS)
      .query(query)
      .definition(query)
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .sort(VariableSort.AlphabeticalAsc)
      .multi(true)
      .includeAll(true)
      // An own value for "All": what appears while the page is open is shown too.
      .allValue('.*')
      .current({ text: 'All', value: '$__all', selected: true })
  );
};
