/**
 * Graphs made ready to run: where each value lies in memory, prepared kernels in order, and the
 * time they take.
 *
 * <p>Here lives what turns a graph and a device into something that runs without allocating. New
 * kernels and rewriting of graphs must not come here. Start reading at {@link
 * dev.peregrine.tensor.plan.Plan}, then {@link dev.peregrine.tensor.plan.MemoryPlan}.
 */
@NullMarked
package dev.peregrine.tensor.plan;

import org.jspecify.annotations.NullMarked;
