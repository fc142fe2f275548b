/**
 * OpenCL on this machine: which devices there are, and why there are none.
 *
 * <p>What lives here: everything that touches {@code org.jocl}. What must not: shapes, operations
 * or tensors of its own; the vocabulary is the tensor module's.
 *
 * <p>Start reading at {@link dev.peregrine.opencl.OpenClDevices}.
 */
@NullMarked
package dev.peregrine.opencl;

import org.jspecify.annotations.NullMarked;
