/** Takes images away again; apart from the Engine port because only pruning needs it. */
export interface ImageRemoval {
  /**
   * Removes a reference, and its layers where nothing else uses them. Never by force: what a container uses stays.
   * @throws ApictlError as every call of the Engine port
   */
  removeImage(reference: string): Promise<'removed' | 'in use' | 'absent'>;
}
