// Runs vitest projects and counts what they report.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOG_DIR, runPhase } from './phase.mjs';
import { tallyReport } from './tally.mjs';

const VITEST = [process.execPath, 'node_modules/vitest/vitest.mjs'];

/** @returns the phase and its tally; `mayBeEmpty` lets a project without test files pass. */
export async function runProjects({ name, projects, deadlineMs, mayBeEmpty = false }) {
  const reportPath = `${LOG_DIR}/${name}.json`;
  rmSync(reportPath, { force: true });
  const phase = await runPhase({
    name,
    deadlineMs,
    live: true,
    argv: [
      ...VITEST,
      'run',
      ...projects.flatMap((project) => ['--project', project]),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportPath}`,
      ...(mayBeEmpty ? ['--passWithNoTests'] : []),
    ],
  });
  return { phase, tally: tallyReport(name, readReport(reportPath), phase.problem) };
}

/** How many tests a project has, without running one. Throws where its files cannot be loaded. */
export async function countTests(project) {
  const listPath = `${LOG_DIR}/${project}-list.json`;
  rmSync(listPath, { force: true });
  // The files are loaded for it, and a folder that one makes as it is loaded is removed only by a run.
  const folder = mkdtempSync(join(tmpdir(), 'apictl-list-'));
  const phase = await runPhase({
    name: `${project}-list`,
    deadlineMs: 120_000,
    argv: [...VITEST, 'list', '--project', project, `--json=${listPath}`, '--passWithNoTests'],
    environment: { TMPDIR: folder },
  }).finally(() => rmSync(folder, { recursive: true, force: true }));
  const list = readReport(listPath);
  if (!phase.ok || list === null)
    throw new Error(`the ${project} tests could not be listed (log: ${phase.log})`);
  return { tests: list.length, files: new Set(list.map(({ file }) => file)).size };
}

function readReport(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
}
