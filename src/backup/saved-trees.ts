import { isWorthKeeping } from './metrics-blocks.ts';

/** Folders in containers that hold what is not in the database. */
export interface TreeSpec {
  readonly service: string;
  /** In the container. */
  readonly path: string;
  readonly member: string;
  /**
   * Whether all processes of the container are held still while it is copied: so that the copy is what a power failure would have
   * left, which the service is made to survive.
   */
  readonly isHeld: boolean;
  /** What of it is kept, by its path in the folder. */
  readonly keeps: (path: string) => boolean;
}

export const TREES: readonly TreeSpec[] = [
  {
    service: 'logging',
    path: '/var/lib/logging',
    member: 'logging.tar.gz.age',
    isHeld: true,
    // What its database spills while it answers a question.
    keeps: (path) => path !== 'tmp' && !path.startsWith('tmp/'),
  },
  {
    service: 'grafana',
    path: '/var/lib/grafana',
    member: 'grafana.tar.gz.age',
    isHeld: true,
    keeps: () => true,
  },
  {
    service: 'prometheus',
    path: '/prometheus',
    member: 'prometheus.tar.gz.age',
    isHeld: false,
    keeps: isWorthKeeping,
  },
];

/** Where Elasticsearch keeps what it was asked to take a snapshot of; copied only after that. */
export const SNAPSHOTS: TreeSpec = {
  service: 'elasticsearch',
  path: '/usr/share/elasticsearch/snapshots',
  member: 'elasticsearch.tar.gz.age',
  isHeld: false,
  keeps: () => true,
};
