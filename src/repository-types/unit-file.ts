/** What publishers need of a unit that has a file. */

import type { Artifact, Unit } from '../repositories/documents.ts';
import { fileNameProblem } from '../storage/relative-path.ts';
import { TaskFailure } from '../tasks/kind.ts';

/** @throws TaskFailure for a unit whose file is not here, or has no name to publish it by */
export function artifactOf(unit: Unit): Artifact {
  const { artifact } = unit;
  if (artifact === null || unit.is_pending) {
    throw new TaskFailure(
      'PLP0045',
      `Cannot publish the unit ${unit._id}: its file is not in the storage`,
      { unit_id: unit._id },
    );
  }
  const problem = fileNameProblem(artifact.filename);
  if (problem === undefined) return artifact;
  throw new TaskFailure('PLP0034', `Cannot publish the unit ${unit._id}: its name ${problem}`, {
    unit_id: unit._id,
  });
}
