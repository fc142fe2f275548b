/**
 * The device of plain loops: what every operation means, written to be read.
 *
 * <p>Here lives one file for each family of operations. Every number is computed as a double and
 * rounded once, when it is stored; that makes this device the oracle the other devices are tested
 * against, and the only one that computes in f64. Optimisations must not come here. Start reading
 * at {@link dev.peregrine.tensor.cpu.reference.ReferenceKernel}.
 */
@NullMarked
package dev.peregrine.tensor.cpu.reference;

import org.jspecify.annotations.NullMarked;
