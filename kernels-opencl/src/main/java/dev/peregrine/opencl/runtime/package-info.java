/**
 * The OpenCL driver behind a few words: devices, memory, programs, launches, and errors that name
 * what failed.
 *
 * <p>What lives here: everything that touches {@code org.jocl}. What must not: operations and
 * kernels; nothing here knows what is computed.
 *
 * <p>Start reading at {@link dev.peregrine.opencl.runtime.Session}.
 */
@NullMarked
package dev.peregrine.opencl.runtime;

import org.jspecify.annotations.NullMarked;
