/** Which project needs which, as the sources say it, without asking Nx. */
import { dirname, join } from 'node:path';
import { looseProjects, projects, type Source } from './sources.ts';

export interface GraphProject {
  readonly name: string;
  readonly folder: string;
  readonly sources: readonly Source[];
}

export const graphProjects: readonly GraphProject[] = [...projects, ...looseProjects];

const services = projects.filter(({ folder }) => folder.startsWith('services/')).map(({ name }) => name);

/** What a project starts or reads instead of importing it. */
const used: Readonly<Record<string, readonly string[]>> = {
  cli: [...services, 'examples'],
  bench: services,
  failover: ['@millrace/client-manager', '@millrace/parser'],
  load: services,
  integrity: [...services, 'examples'],
  prove: services,
};

/** Names of what a project needs itself: by its imports, and by what it starts or reads. Sorted. */
export function needsOf({ name, sources }: GraphProject): string[] {
  const imported = sources.flatMap(({ path, imports }) =>
    imports.flatMap((specifier) => projectsAt(specifier.startsWith('.') ? join(dirname(path), specifier) : specifier)),
  );
  const needs = new Set([...imported, ...(used[name] ?? [])]);
  return [...needs].filter((one) => one !== name).toSorted();
}

/** One, or none: by the path of a file, or by what an import names. */
function projectsAt(place: string): string[] {
  return graphProjects
    .filter(({ name, folder }) => place === name || place.startsWith(`${name}/`) || place.startsWith(`${folder}/`))
    .map(({ name }) => name);
}

/** Folders of the project and of everything that needs it, through whatever others. Sorted. */
export function dependentsOf(name: string): string[] {
  const found = new Set([name]);
  for (let before = 0; before < found.size;) {
    before = found.size;
    for (const project of graphProjects) if (needsOf(project).some((one) => found.has(one))) found.add(project.name);
  }
  return graphProjects
    .filter((project) => found.has(project.name))
    .map(({ folder }) => folder)
    .toSorted();
}
