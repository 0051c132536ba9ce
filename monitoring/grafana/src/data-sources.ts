import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';

/** As provisioned in ../provisioning/datasources. */
export const PROMETHEUS: DataSourceRef = { type: 'prometheus', uid: 'prometheus' };
