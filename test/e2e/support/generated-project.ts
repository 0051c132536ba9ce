import { execa } from 'execa';
import { fragmentFiles, type GeneratedService } from '../../support/generated-stack.ts';
import { install } from '../../support/installation.ts';
import { makeProject, type TestProject } from './project.ts';

/** A project whose stack is generated: services that boot for known times, on the base image of the embedded flavour. */
export interface GeneratedProject extends TestProject {
  /** Replaces the stack; what is up stays until the next `up`. */
  change(services: readonly GeneratedService[]): Promise<void>;
  containers(): Promise<readonly FoundContainer[]>;
}

export interface FoundContainer {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly state: string;
}

/** @param startInterval of every health check, as `1s`; for engines that know it */
export async function makeGeneratedProject(
  label: string,
  services: readonly GeneratedService[],
  startInterval?: string,
): Promise<GeneratedProject> {
  const options = {
    image: await platformImage(),
    interval: '10s',
    ...(startInterval === undefined ? {} : { startInterval }),
  };
  const installation = await install(fragmentFiles(services, options));
  const project = await makeProject(label, { program: installation.program });
  await project.configure({ profiles: ['core'] });
  return {
    ...project,
    change: (changed) => installation.write(fragmentFiles(changed, options)),
    containers: () => containersOf(project.name),
    destroy: async () => {
      await project.destroy();
      await installation.remove();
    },
  };
}

/** The image that all embedded ones stand on; `make test` builds it before. */
export async function platformImage(): Promise<string> {
  const filter = 'label=io.apictl.image=platform';
  const { stdout } = await execa('docker', [
    'image',
    'ls',
    '--filter',
    filter,
    '--format',
    '{{.Repository}}:{{.Tag}}',
  ]);
  const [reference = ''] = stdout.split('\n');
  if (reference === '') throw new Error('there is no platform image; run "apictl images build" first');
  return reference;
}

export async function containersOf(project: string): Promise<FoundContainer[]> {
  const filter = `label=com.docker.compose.project=${project}`;
  const format = '{{.ID}} {{.Names}} {{.Label "com.docker.compose.service"}} {{.State}}';
  const { stdout } = await execa('docker', [
    'ps',
    '--all',
    '--no-trunc',
    '--filter',
    filter,
    '--format',
    format,
  ]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [id = '', name = '', service = '', state = ''] = line.split(' ');
      return { id, name, service, state };
    })
    .sort((a, b) => a.service.localeCompare(b.service));
}
