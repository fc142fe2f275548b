/**
 * What the suites share: the cases of every operation, the devices to test, comparisons, and the
 * door to the reference data.
 *
 * <p>Here lives what more than one suite needs. Tests themselves must not come here, nor anything
 * the library uses. Start reading at {@link dev.peregrine.testkit.OpCase} and {@link
 * dev.peregrine.testkit.Cases}.
 */
@NullMarked
package dev.peregrine.testkit;

import org.jspecify.annotations.NullMarked;
