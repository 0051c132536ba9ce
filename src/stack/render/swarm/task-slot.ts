/** Swarm puts the number of the replica here. */
export const TASK_SLOT = '{{.Task.Slot}}';
