/**
 * Parameters, layers and the functions that build networks.
 *
 * <p>What must not live here: anything that knows of detection or of a device.
 */
@NullMarked
package dev.peregrine.nn;

import org.jspecify.annotations.NullMarked;
