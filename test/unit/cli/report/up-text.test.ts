import { Chalk } from 'chalk';
import { expect, it } from 'vitest';
import type { UpResult } from '../../../../src/app/up/model.ts';
import { upText } from '../../../../src/cli/report/up-text.ts';

const paint = new Chalk({ level: 0 });

const result = (action: UpResult['services'][number]['action']): UpResult => ({
  state: 'healthy',
  images: 'embedded',
  seconds: 9.04,
  criticalPath: ['kong'],
  services: [
    { name: 'kong', action, createdSeconds: null, startedSeconds: null, readySeconds: 9, waitedFor: null },
  ],
  urls: { proxy: 'http://127.0.0.1:8000' },
  table: [{ service: 'kong', kind: 'substitute', why: 'the development gateway' }],
});

it('says what each service is and why, where one of them was made', () => {
  expect(upText(result('created'), paint, false)).toBe(
    [
      'SERVICE  IS          WHY',
      'kong     substitute  the development gateway',
      '',
      'proxy          http://127.0.0.1:8000',
      '',
      'healthy after 9.0 s',
    ].join('\n'),
  );
});

it('keeps to the URLs where nothing was to be done', () => {
  expect(upText(result('unchanged'), paint, false)).toBe(
    ['proxy          http://127.0.0.1:8000', '', 'healthy, nothing to do (9.0 s)'].join('\n'),
  );
});
