import { dashboard } from './dashboard.ts';
import { elasticsearch } from './rows/elasticsearch.ts';
import { containers, machine } from './rows/machine.ts';
import { alertmanager, prometheus } from './rows/observers.ts';
import { postgres } from './rows/postgres.ts';
import { UID } from './uids.ts';

export const hosts = dashboard({
  uid: UID.hosts,
  title: 'Hosts and databases',
  description: 'The machine, its containers, and what the platform keeps its data in.',
  rows: [machine, containers, postgres, elasticsearch, prometheus, alertmanager],
});
